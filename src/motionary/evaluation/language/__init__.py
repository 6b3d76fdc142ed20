"""What the stages of the motion language model are worth: ablations of pre-training, and shares of the data."""
