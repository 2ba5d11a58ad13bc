//! The tables of delivery: states, and the columns beside them that queries need.

/// The tables of the book.
pub(super) const TABLES: &str = "
    CREATE TABLE right (
        id INTEGER PRIMARY KEY, measure TEXT NOT NULL, subject INTEGER NOT NULL, recipient INTEGER NOT NULL,
        payer TEXT NOT NULL, payable INTEGER NOT NULL, ended INTEGER NOT NULL,
        unasked INTEGER NOT NULL, state BLOB NOT NULL);
    CREATE UNIQUE INDEX right_to ON right (measure, subject) WHERE ended = 0;
    CREATE INDEX right_subject ON right (subject);
    CREATE INDEX right_recipient ON right (recipient);
    CREATE INDEX right_payer ON right (payer, id) WHERE payable = 1;
    CREATE INDEX right_unasked ON right (measure, id) WHERE unasked = 1;
    -- A child counts in one granted right of a measure.
    CREATE TABLE right_claim (right INTEGER NOT NULL, child INTEGER NOT NULL, PRIMARY KEY (right, child)) WITHOUT ROWID;
    CREATE INDEX right_claim_child ON right_claim (child);
    CREATE TABLE granted_claim (measure TEXT NOT NULL, child INTEGER NOT NULL, right INTEGER NOT NULL,
        PRIMARY KEY (measure, child)) WITHOUT ROWID;
    CREATE TABLE run_right (run INTEGER NOT NULL, right INTEGER NOT NULL, PRIMARY KEY (run, right)) WITHOUT ROWID;
    -- When a right first reached a stage.
    CREATE TABLE reached (right INTEGER NOT NULL, stage TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (right, stage)) WITHOUT ROWID;
    CREATE INDEX reached_stage ON reached (stage);
    CREATE TABLE offer (
        id INTEGER PRIMARY KEY, person INTEGER NOT NULL, cause INTEGER NOT NULL, gathering INTEGER NOT NULL,
        unreachable INTEGER NOT NULL, due INTEGER, state BLOB NOT NULL);
    CREATE INDEX offer_unreachable ON offer (id) WHERE unreachable = 1;
    CREATE INDEX offer_due ON offer (due) WHERE due IS NOT NULL;
    CREATE INDEX offer_gathering ON offer (person, cause) WHERE gathering = 1;
    CREATE TABLE conversation (phone INTEGER PRIMARY KEY, due INTEGER, state BLOB NOT NULL);
    CREATE INDEX conversation_due ON conversation (due) WHERE due IS NOT NULL;
    CREATE TABLE attempt (
        id INTEGER PRIMARY KEY, phone INTEGER NOT NULL, person INTEGER NOT NULL, stage TEXT NOT NULL,
        not_before INTEGER NOT NULL, at INTEGER NOT NULL, state BLOB NOT NULL);
    CREATE INDEX attempt_written ON attempt (not_before) WHERE stage = 'written';
    CREATE INDEX attempt_made ON attempt (id) WHERE stage = 'made';
    CREATE INDEX attempt_phone ON attempt (phone, id);
    CREATE TABLE attempt_part (part TEXT PRIMARY KEY, attempt INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE run (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, state BLOB NOT NULL);
    CREATE TABLE told (person INTEGER NOT NULL, notice TEXT NOT NULL, state BLOB NOT NULL,
        PRIMARY KEY (person, notice)) WITHOUT ROWID;
    CREATE TABLE task (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, person INTEGER, due INTEGER NOT NULL, done INTEGER NOT NULL,
        state BLOB NOT NULL);
    CREATE INDEX task_open ON task (due) WHERE done = 0;
    CREATE INDEX task_person ON task (person, due) WHERE done = 0;
    CREATE INDEX task_like ON task (kind) WHERE done = 0;
    CREATE TABLE switch (measure TEXT NOT NULL, region TEXT NOT NULL, state BLOB NOT NULL,
        PRIMARY KEY (measure, region)) WITHOUT ROWID;
    -- What people wrote, sealed under the key of their phone.
    CREATE TABLE written (phone INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, text BLOB NOT NULL,
        PRIMARY KEY (phone, id)) WITHOUT ROWID;
    INSERT INTO counter VALUES ('number', 1);";

/// What today's systems pay beside us.
pub(super) const BESIDE: &str = "
    -- On which side of a take-over a right stands: 1 today's system pays it, 2 we do since we took it over.
    ALTER TABLE right ADD COLUMN beside INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX right_beside ON right (beside, measure, id) WHERE beside > 0;
    -- The right that an award of today's systems told of last.
    CREATE TABLE award_right (number TEXT PRIMARY KEY, right INTEGER NOT NULL) WITHOUT ROWID;
    -- Up to which journal entry it was looked at what they pay.
    INSERT INTO counter VALUES ('awards', 0);";

/// The columns of what people are told.
pub(super) const NOTICES: &str = "
    ALTER TABLE told ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE told ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE told ADD COLUMN passed INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX told_waiting ON told (person, notice) WHERE waiting > 0;";
