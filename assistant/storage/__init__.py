"""Where conversations are kept: SQLite under var/ by default, PostgreSQL by URL. Knows nothing of Rasa."""
