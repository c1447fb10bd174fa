"""The TEC case: counterparts of the ED-LSTME paper's figures and the values of its claims."""
