"""What the Rasa server loads: language understanding, channels, stores, the action endpoint and the server itself."""
