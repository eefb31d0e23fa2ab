-- Wrong entries by the callee of a code while it was good: too many, and it is locked.
ALTER TABLE code ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
