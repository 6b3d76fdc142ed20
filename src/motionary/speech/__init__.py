"""Speech: sound files, log-mel, prosody, features of frozen encoders, units, and a synthetic set to learn from."""
