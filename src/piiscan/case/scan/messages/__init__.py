"""Messages in tables and chats: their times, and the files that they mention."""
