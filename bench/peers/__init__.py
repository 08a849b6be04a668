"""Other doubles under the same load: what a call costs there, and here."""
