"""What leaves the house: addresses, egress, signatures, mail, and the sender."""
