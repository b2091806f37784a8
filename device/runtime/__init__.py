"""The living part: the loop, the dispatcher and the streams between them, on asyncio."""
