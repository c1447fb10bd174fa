"""Page on alarms in time against catalogues."""
