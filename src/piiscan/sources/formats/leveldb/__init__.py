"""LevelDB: tables and journals of IndexedDB, Local Storage and other stores of programs."""
