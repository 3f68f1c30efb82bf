"""What is printed or sent: documents of our own, made from plain values. Knows no database."""
