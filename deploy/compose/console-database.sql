-- The console's own tables stand apart from the conversations.
CREATE DATABASE console OWNER idcard;
