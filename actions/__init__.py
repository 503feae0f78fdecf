"""Custom actions: Rasa's slots and messages in, idcard's answers out. Imports idcard and rasa_sdk, never rasa."""
