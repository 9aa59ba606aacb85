-- What a row of several steps needs to go on after a crash; secrets in it are sealed.
CREATE TABLE kept (
    ordinal         INTEGER PRIMARY KEY REFERENCES rows,
    text            TEXT NOT NULL
) STRICT;
