"""The Madoi case: counterparts of the SW-NTF paper's figures and the values of its claims."""
