"""The subjective study: people compare motions in blinded pairs.

``build`` writes a page that runs offline and a key that stays with the researcher; ``analyse`` joins the raters' files
with the key again.
"""
