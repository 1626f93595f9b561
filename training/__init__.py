"""Remakes the weights of the name tagger from recipes; nothing else imports this room."""
