"""The words that server and browser speak. Imports msgspec and the standard library only."""
