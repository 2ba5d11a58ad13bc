-- The five measures over the files of one bucket, every count and condition with a lower and an upper bound.
COPY (
WITH heard_region AS MATERIALIZED (
    SELECT c.code AS region, max(CASE WHEN entity = 'study' THEN 1 END) AS study,
        max(CASE WHEN entity = 'capacity_loss' THEN 1 END) AS capacity, max(CASE WHEN entity = 'disability' THEN 1 END) AS disability,
        max(CASE WHEN entity = 'contribution' THEN last_month END) AS last_month
    FROM heard h JOIN code_rows c ON c.text = h.region GROUP BY c.code),
spoken AS (
    SELECT id, registry,
        CASE birth_date_said WHEN 0 THEN birth_date WHEN 3 THEN make_date(birth_date - DATE '1970-01-01', 1, 1) ELSE DATE '-infinity' END AS born_lo,
        CASE birth_date_said WHEN 0 THEN birth_date WHEN 3 THEN make_date(birth_date - DATE '1970-01-01', 12, 31) ELSE DATE 'infinity' END AS born_hi,
        CASE death_date_said WHEN 0 THEN t_is(death_date >= $day) WHEN 1 THEN 2::TINYINT ELSE 1::TINYINT END AS alive,
        CASE sex_said WHEN 0 THEN t_is(sex = 0) ELSE 1::TINYINT END AS female,
        CASE permanent_resident_said WHEN 0 THEN t_is(permanent_resident) ELSE 1::TINYINT END AS resident,
        CASE citizenship_said WHEN 0 THEN t_is(citizenship < 2) ELSE 1::TINYINT END AS citizen,
        CASE birth_registered_said WHEN 0 THEN t_is(birth_registered) ELSE 1::TINYINT END AS registered,
        CASE region_said WHEN 0 THEN region END AS region
    FROM person_rows),
person AS MATERIALIZED (
    SELECT o.id,
        CASE WHEN isfinite(o.born_lo) OR s.id IS NULL THEN o.born_lo ELSE s.born_lo END AS born_lo,
        CASE WHEN isfinite(o.born_hi) OR s.id IS NULL THEN o.born_hi ELSE s.born_hi END AS born_hi,
        -- Of these fields neither is the owner: what both tell may each be true.
        CASE WHEN s.id IS NULL OR s.alive = 1::TINYINT THEN o.alive WHEN o.alive = 1::TINYINT THEN s.alive ELSE CASE WHEN o.alive = s.alive THEN o.alive ELSE 1::TINYINT END END AS alive,
        CASE WHEN s.id IS NULL OR s.registered = 1::TINYINT THEN o.registered WHEN o.registered = 1::TINYINT THEN s.registered ELSE CASE WHEN o.registered = s.registered THEN o.registered ELSE 1::TINYINT END END AS registered,
        CASE WHEN o.female <> 1::TINYINT OR s.id IS NULL THEN o.female ELSE s.female END AS female,
        t_and(CASE WHEN o.resident <> 1::TINYINT OR s.id IS NULL THEN o.resident ELSE s.resident END,
             CASE WHEN o.citizen <> 1::TINYINT OR s.id IS NULL THEN o.citizen ELSE s.citizen END) AS entitled,
        h.study AS study_heard, h.capacity AS capacity_heard, h.disability AS disability_heard, h.last_month
    FROM (SELECT * FROM spoken WHERE registry = $gbd_fl) o
    LEFT JOIN (SELECT * FROM spoken WHERE registry <> $gbd_fl) s ON s.id = o.id
    LEFT JOIN heard_region h ON h.region = coalesce(o.region, s.region)),
subject AS MATERIALIZED (SELECT p.* FROM person p SEMI JOIN subject_rows s ON s.person = p.id),
tie_row AS MATERIALIZED (
    SELECT child, parent, kind, since, registry, t_is(kind = 2) AS guardian,
        CASE rights_said WHEN 0 THEN t_is(rights = 0) ELSE 1::TINYINT END AS full_rights
    FROM parent_link_rows WHERE since <= $day AND (ended_said <> 0 OR ended > $day)),
tie AS MATERIALIZED (
    SELECT child, parent, guardian, full_rights FROM tie_row WHERE registry = $civil_acts
    UNION ALL
    SELECT child, parent, guardian, full_rights FROM (FROM tie_row WHERE registry <> $civil_acts) s
    ANTI JOIN (FROM tie_row WHERE registry = $civil_acts) o USING (child, parent, kind, since)),

disability_row AS MATERIALIZED (
    SELECT * FROM disability_rows WHERE since <= $day AND (ended_said <> 0 OR ended > $day)),
disabled AS MATERIALIZED (
    SELECT *, t_and(role, t_and(found, alive)) AS concerned
    FROM (
        SELECT p.*, after_day(born_lo, born_hi, $born_24) AS role,
            CASE WHEN o.person IS NOT NULL THEN 2::TINYINT WHEN disability_heard IS NULL THEN 1::TINYINT ELSE 2::TINYINT END AS found,
            CASE WHEN o.person IS NOT NULL THEN CASE o.severity_said WHEN 0 THEN o.severity END
                WHEN disability_heard IS NOT NULL THEN CASE s.severity_said WHEN 0 THEN s.severity END END AS severity
        FROM (FROM subject WHERE alive > 0 AND after_day(born_lo, born_hi, $born_24) > 0
            AND (disability_heard IS NULL OR id IN (SELECT person FROM disability_row))) p
        LEFT JOIN (FROM disability_row WHERE registry = $cbdi) o ON o.person = p.id
        LEFT JOIN (FROM disability_row WHERE registry <> $cbdi) s ON s.person = p.id)),
infant AS MATERIALIZED (
    SELECT *, t_and(after_day(born_lo, born_hi, $born_2), alive) AS concerned
    FROM subject WHERE t_and(after_day(born_lo, born_hi, $born_2), alive) > 0),

care_row AS MATERIALIZED (SELECT * FROM care_rows WHERE since <= $day AND (ended_said <> 0 OR ended > $day)),
carer AS MATERIALIZED (
    SELECT w.id, w.alive, w.last_month, c.id AS child, coalesce(c.born_lo, DATE '-infinity') AS child_lo, coalesce(c.born_hi, DATE 'infinity') AS child_hi
    FROM (
        SELECT p.id, p.alive, p.last_month, CASE WHEN o.carer IS NOT NULL THEN CASE o.child_said WHEN 0 THEN o.child END ELSE CASE s.child_said WHEN 0 THEN s.child END END AS nursed
        FROM (FROM subject WHERE alive > 0 AND id IN (SELECT carer FROM care_row)) p
        LEFT JOIN (FROM care_row WHERE registry = $care_register) o ON o.carer = p.id
        LEFT JOIN (FROM care_row WHERE registry <> $care_register) s ON s.carer = p.id) w
    LEFT JOIN person c ON c.id = w.nursed),

-- Whose holders and whose order are asked for.
asked AS MATERIALIZED (SELECT id FROM infant UNION SELECT id FROM disabled UNION SELECT child FROM carer WHERE child IS NOT NULL),
guarded AS (SELECT child, t_any(t_and(full_rights, guardian)) AS guarded FROM tie SEMI JOIN asked ON asked.id = tie.child GROUP BY child),
holder AS MATERIALIZED (
    SELECT child, parent, t_any(t_and(full_rights, t_or(guardian, t_not(guarded)))) AS is_one
    FROM tie JOIN guarded USING (child)
    WHERE t_and(full_rights, t_or(guardian, t_not(guarded))) > 0
    GROUP BY child, parent),
entitled AS MATERIALIZED (
    SELECT child, t_any(t_and(is_one, t_and(p.alive, p.entitled))) AS entitled
    FROM holder JOIN person p ON p.id = holder.parent GROUP BY child),
elder AS (
    SELECT h.child, t.child AS elder,
        t_any(t_and(t_and(h.is_one, m.female), t_and(t.full_rights, t_less(e.born_lo, e.born_hi, c.born_lo, c.born_hi)))) AS counts
    FROM holder h JOIN person c ON c.id = h.child JOIN person m ON m.id = h.parent AND m.female > 0
    JOIN tie t ON t.parent = h.parent AND t.child <> h.child JOIN person e ON e.id = t.child
    WHERE t_and(t_and(h.is_one, m.female), t_and(t.full_rights, t_less(e.born_lo, e.born_hi, c.born_lo, c.born_hi))) > 0
    GROUP BY h.child, t.child),
birth_order AS MATERIALIZED (
    SELECT child, 1 + count(*) FILTER (counts = 2::TINYINT) AS lo, 1 + count(*) AS hi FROM elder GROUP BY child),

capacity_row AS MATERIALIZED (SELECT * FROM capacity_loss_rows WHERE since <= $day AND (ended_said <> 0 OR ended > $day)),
worker AS MATERIALIZED (
    SELECT *, t_and(found, alive) AS concerned,
        CASE WHEN told THEN month_of(established_on) ELSE -2147483648 END AS right_lo,
        CASE WHEN told THEN month_of(established_on) ELSE 2147483647 END AS right_hi
    FROM (
        SELECT p.*,
            CASE WHEN o.person IS NOT NULL THEN 2::TINYINT WHEN capacity_heard IS NULL THEN 1::TINYINT ELSE 2::TINYINT END AS found,
            CASE WHEN o.person IS NOT NULL THEN o.degree_said = 0 ELSE capacity_heard IS NOT NULL AND s.degree_said = 0 END AS degree_told,
            CASE WHEN o.person IS NOT NULL THEN o.degree ELSE s.degree END AS degree,
            CASE WHEN o.person IS NOT NULL THEN o.established_on_said = 0 ELSE capacity_heard IS NOT NULL AND s.established_on_said = 0 END AS told,
            CASE WHEN o.person IS NOT NULL THEN o.established_on ELSE s.established_on END AS established_on
        FROM (FROM subject WHERE alive > 0 AND (capacity_heard IS NULL OR id IN (SELECT person FROM capacity_row))) p
        LEFT JOIN (FROM capacity_row WHERE registry = $cbdi) o ON o.person = p.id
        LEFT JOIN (FROM capacity_row WHERE registry <> $cbdi) s ON s.person = p.id)),

-- What was paid in for a carer in the window, for a worker in the window and before the right.
need AS MATERIALIZED (
    SELECT 0 AS what, id AS subject, id AS person, month_of(child_lo) AS right_lo, month_of(child_hi) AS right_hi, last_month FROM carer
    UNION ALL SELECT 1, id, id, right_lo, right_hi, last_month FROM worker),
needed_row AS MATERIALIZED (
    SELECT person, month, job, object, object_said, registry FROM contribution_rows SEMI JOIN need USING (person)),
paid_row AS (
    SELECT person, month, object, object_said, 2::TINYINT AS member FROM needed_row WHERE registry = $fund
    UNION ALL
    SELECT person, month, object, object_said, 1::TINYINT FROM (FROM needed_row WHERE registry <> $fund) s
    ANTI JOIN (FROM needed_row WHERE registry = $fund) o USING (person, month, job)),
counted AS (
    SELECT what, subject,
        CASE object_said WHEN 0 THEN least(object, cap) ELSE 0 END AS lo, CASE object_said WHEN 0 THEN least(object, cap) ELSE cap END AS hi,
        t_and(member, t_and(t_not(t_less(month, month, back(right_lo, 24), back(right_hi, 24))), t_not(t_less(back(right_lo, 1), back(right_hi, 1), month, month)))) AS inside,
        t_and(member, t_less(month, month, right_lo, right_hi)) AS before
    FROM need JOIN (
        SELECT *, CASE month // 12 WHEN 2021 THEN 29750000 WHEN 2022 THEN 42000000 WHEN 2023 THEN 49000000 ELSE 59500000 END AS cap
        FROM paid_row) USING (person)),
added AS (
    SELECT what, subject,
        count(*) FILTER (inside = 2::TINYINT) AS count_lo, count(*) FILTER (inside > 0) AS count_hi,
        coalesce(sum(lo) FILTER (inside = 2::TINYINT), 0)::BIGINT AS sum_lo, coalesce(sum(hi) FILTER (inside > 0), 0)::BIGINT AS sum_hi,
        count(*) FILTER (before = 2::TINYINT) AS before_lo, count(*) FILTER (before > 0) AS before_hi
    FROM counted GROUP BY what, subject),
-- An upper end that is not there has no limit: the months are not all known.
paid AS MATERIALIZED (
    SELECT n.what, n.subject, coalesce(count_lo, 0) AS count_lo, coalesce(sum_lo, 0) AS sum_lo, coalesce(before_lo, 0) AS before_lo,
        CASE WHEN closed THEN coalesce(count_hi, 0) END AS count_hi, CASE WHEN closed THEN coalesce(sum_hi, 0) END AS sum_hi,
        CASE WHEN closed THEN coalesce(before_hi, 0) END AS before_hi
    FROM (SELECT *, coalesce(right_hi <> 2147483647 AND back(right_hi, 1) <= last_month, false) AS closed FROM need) n
    LEFT JOIN added a ON a.what = n.what AND a.subject = n.subject),

award AS MATERIALIZED (
    SELECT CASE subject_said WHEN 0 THEN subject ELSE recipient END AS about, CASE measure_said WHEN 0 THEN m.text END AS measure,
        since <= $day AND (ended_said <> 0 OR ended > $day) AS runs
    FROM running_award_rows a LEFT JOIN code_rows m ON m.code = a.measure),
taken AS MATERIALIZED (
    SELECT about,
        t_all(CASE WHEN measure IS NULL THEN 1::TINYINT WHEN measure = 'birth_grant' THEN 0::TINYINT ELSE 2::TINYINT END) AS birth_grant,
        t_all(CASE WHEN NOT runs THEN 2::TINYINT WHEN measure IS NULL THEN 1::TINYINT WHEN measure = 'child_care' THEN 0::TINYINT ELSE 2::TINYINT END) AS child_care,
        t_all(CASE WHEN NOT runs THEN 2::TINYINT WHEN measure IS NULL THEN 1::TINYINT WHEN measure = 'multi_child' THEN 0::TINYINT ELSE 2::TINYINT END) AS multi_child,
        t_all(CASE WHEN NOT runs THEN 2::TINYINT WHEN measure IS NULL THEN 1::TINYINT WHEN measure = 'work_capacity' THEN 0::TINYINT ELSE 2::TINYINT END) AS work_capacity,
        t_all(CASE WHEN NOT runs THEN 2::TINYINT WHEN measure IS NULL THEN 1::TINYINT WHEN measure = 'disabled_child' THEN 0::TINYINT ELSE 2::TINYINT END) AS disabled_child
    FROM award GROUP BY about),

birth_grant AS (
    SELECT c.id, concerned, registered AS first, coalesce(e.entitled, 0::TINYINT) AS second,
        t_and(t_may(born_lo <= $day, born_hi > $day), t_not(t_less(later(born_lo, 18), later(born_hi, 18), $day, $day))) AS third,
        t_and(coalesce(t.birth_grant, 2::TINYINT), CASE WHEN isfinite(born_lo) THEN 2::TINYINT ELSE 1::TINYINT END) AS free,
        t_and(t_may(coalesce(o.hi, 1) >= 1, coalesce(o.lo, 1) < 1), t_may(coalesce(o.lo, 1) <= 3, coalesce(o.hi, 1) > 3)) AS early,
        t_may(coalesce(o.hi, 1) >= 4, coalesce(o.lo, 1) < 4) AS late
    FROM infant c LEFT JOIN entitled e ON e.child = c.id LEFT JOIN birth_order o ON o.child = c.id LEFT JOIN taken t ON t.about = c.id),
child_care AS (
    SELECT c.id, alive AS concerned, t_less($day, $day, later(child_lo, 18), later(child_hi, 18)) AS first,
        t_may(count_hi IS NULL OR count_hi > 0, count_lo <= 0) AS second, coalesce(t.child_care, 2::TINYINT) AS free,
        care_paid(sum_lo, coalesce(o.lo, 1)) AS lo, care_paid(sum_hi, CASE WHEN c.child IS NULL THEN 4 ELSE coalesce(o.hi, 1) END) AS hi
    FROM carer c LEFT JOIN birth_order o ON o.child = c.child
    LEFT JOIN paid p ON p.what = 0 AND p.subject = c.id LEFT JOIN taken t ON t.about = c.id),

mother AS MATERIALIZED (
    SELECT s.*, t_and(t_and(female, t_and(t_not(after_day(born_lo, born_hi, $born_18)), alive)), 2::TINYINT) AS concerned
    FROM subject s SEMI JOIN tie ON tie.parent = s.id
    WHERE t_and(female, t_and(t_not(after_day(born_lo, born_hi, $born_18)), alive)) > 0),
own AS MATERIALIZED (
    SELECT m.id AS mother, t.child, t_any(full_rights) AS is_one
    FROM mother m JOIN tie t ON t.parent = m.id WHERE full_rights > 0 GROUP BY m.id, t.child),
study_row AS (
    SELECT person, t_any(CASE form_said WHEN 0 THEN t_is(form = 0) ELSE 1::TINYINT END) AS full_time
    FROM study_rows WHERE since <= $day AND (ended_said <> 0 OR ended > $day) GROUP BY person),
home AS MATERIALIZED (
    SELECT person, CASE address_said WHEN 0 THEN address END AS address
    FROM residence_rows WHERE registry = $residence_register AND since <= $day AND (ended_said <> 0 OR ended > $day)),
counts AS (
    SELECT own.mother,
        t_and(own.is_one, t_and(t_and(c.alive, t_or(after_day(c.born_lo, c.born_hi, $born_18), t_and(after_day(c.born_lo, c.born_hi, $born_23),
            t_or(coalesce(s.full_time, 0::TINYINT), CASE WHEN c.study_heard IS NULL THEN 1::TINYINT ELSE 0::TINYINT END)))),
            CASE WHEN mine.address IS NULL OR theirs.address IS NULL THEN 1::TINYINT ELSE t_is(mine.address = theirs.address) END)) AS counts
    FROM own JOIN person c ON c.id = own.child LEFT JOIN study_row s ON s.person = c.id
    LEFT JOIN home mine ON mine.person = own.mother LEFT JOIN home theirs ON theirs.person = own.child),
many AS (SELECT mother, count(*) FILTER (counts = 2::TINYINT) AS lo, count(*) FILTER (counts > 0) AS hi FROM counts GROUP BY mother),
multi_child AS (
    SELECT m.id, concerned, t_may(coalesce(hi, 0) >= 4, coalesce(lo, 0) < 4) AS first, entitled AS second, coalesce(t.multi_child, 2::TINYINT) AS free,
        coalesce(lo, 0) AS lo, coalesce(hi, 0) AS hi, t_may(coalesce(lo, 0) < 8, coalesce(hi, 0) >= 8) AS few
    FROM mother m LEFT JOIN many ON many.mother = m.id LEFT JOIN taken t ON t.about = m.id),
work_capacity AS (
    SELECT w.id, concerned,
        CASE WHEN degree_told THEN t_is(degree BETWEEN 300000 AND 1000000) ELSE 1::TINYINT END AS first,
        t_may(before_hi IS NULL OR before_hi > 0, before_lo <= 0) AS second,
        CASE female WHEN 2 THEN after_day(born_lo, born_hi, $born_61) WHEN 0 THEN after_day(born_lo, born_hi, $born_63)
            ELSE t_may(born_hi > $born_63, born_lo <= $born_61) END AS third,
        coalesce(t.work_capacity, 2::TINYINT) AS free,
        lost(sum_lo, CASE WHEN degree_told THEN degree ELSE 0 END, before_lo) AS lo,
        lost(sum_hi, CASE WHEN degree_told THEN degree ELSE 1000000 END, before_hi) AS hi
    FROM worker w JOIN paid p ON p.what = 1 AND p.subject = w.id LEFT JOIN taken t ON t.about = w.id),
disabled_child AS (
    SELECT d.id, concerned, after_day(born_lo, born_hi, $born_18) AS first, coalesce(e.entitled, 0::TINYINT) AS second,
        coalesce(t.disabled_child, 2::TINYINT) AS free, CASE WHEN severity IS NULL THEN 1::TINYINT ELSE t_is(severity = 0) END AS heavy
    FROM disabled d LEFT JOIN entitled e ON e.child = d.id LEFT JOIN taken t ON t.about = d.id),

answer AS (
    SELECT 0 AS measure, id, t_and(t_and(concerned, first), t_and(second, third)) AS decided, free,
        branch_lo(early, 16435000, late, 27247500) AS lo, branch_hi(early, 16435000, late, 27247500) AS hi,
        bits(first) + 4 * bits(second) + 16 * bits(third) AS conditions FROM birth_grant
    UNION ALL SELECT 1, id, t_and(concerned, t_and(first, second)), free, lo, hi, bits(first) + 4 * bits(second) FROM child_care
    UNION ALL SELECT 2, id, t_and(concerned, t_and(first, second)), free,
        branch_lo(few, family_rate(lo), t_not(few), up(lo * 1730000)), branch_hi(few, family_rate(hi), t_not(few), up(hi * 1730000)),
        bits(first) + 4 * bits(second) FROM multi_child
    UNION ALL SELECT 3, id, t_and(t_and(concerned, first), t_and(second, third)), free, lo, hi,
        bits(first) + 4 * bits(second) + 16 * bits(third) FROM work_capacity
    UNION ALL SELECT 4, id, t_and(concerned, t_and(first, second)), free,
        branch_lo(heavy, 9763400, t_not(heavy), 8187100), branch_hi(heavy, 9763400, t_not(heavy), 8187100),
        bits(first) + 4 * bits(second) FROM disabled_child)
SELECT measure::INTEGER AS measure, id::BIGINT AS subject, outcome(decided) AS outcome, freedom(decided, free) AS free,
    CASE WHEN decided > 0 THEN lo::BIGINT END AS lo, CASE WHEN decided > 0 THEN hi::BIGINT END AS hi, conditions
FROM answer
) TO '$out' (FORMAT parquet);
