"""The sentences that pages and mails share: tables of words, total over their enums, and nothing else."""
