"""The kill storm: Actions are fired while what sends them, and what remembers them, is killed again and again."""
