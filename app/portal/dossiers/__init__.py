"""One dossier: where its activations stand and what can be done."""
