"""Many mails: misbehaving servers, several workers, long queues."""
