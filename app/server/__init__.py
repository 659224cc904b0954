"""What stands between the open internet and the application where no proxy does."""
