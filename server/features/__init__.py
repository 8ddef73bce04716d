"""What the product does, one package a noun; each is entered by its `service` only."""
