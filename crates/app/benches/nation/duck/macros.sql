-- Three-valued truth: 0 no, 1 unknown, 2 yes; so and is the least, or the greatest. What is in doubt has two ends.
CREATE MACRO t_is(a) AS CASE WHEN a THEN 2::TINYINT ELSE 0::TINYINT END;
CREATE MACRO t_may(a, b) AS CASE WHEN NOT b THEN 2::TINYINT WHEN NOT a THEN 0::TINYINT ELSE 1::TINYINT END;
CREATE MACRO t_and(a, b) AS least(a, b);
CREATE MACRO t_or(a, b) AS greatest(a, b);
CREATE MACRO t_not(a) AS (2::TINYINT - a)::TINYINT;
CREATE MACRO t_any(a) AS max(a);
CREATE MACRO t_all(a) AS min(a);
CREATE MACRO t_less(a_lo, a_hi, b_lo, b_hi) AS
    CASE WHEN a_hi < b_lo THEN 2::TINYINT WHEN a_lo >= b_hi THEN 0::TINYINT ELSE 1::TINYINT END;
CREATE MACRO after_day(lo, hi, cut) AS CASE WHEN lo > cut THEN 2::TINYINT WHEN hi <= cut THEN 0::TINYINT ELSE 1::TINYINT END;
CREATE MACRO month_of(d) AS CASE WHEN d = DATE '-infinity' THEN -2147483648 WHEN d = DATE 'infinity' THEN 2147483647
    ELSE (year(d) * 12 + month(d) - 1)::INTEGER END;
CREATE MACRO back(m, n) AS CASE WHEN m IN (-2147483648, 2147483647) THEN m ELSE m - n END;
CREATE MACRO later(d, n) AS CASE WHEN isfinite(d) THEN (d + to_months(n))::DATE ELSE d END;
CREATE MACRO up(tiyn) AS (tiyn + 99) // 100 * 100;
-- What a verdict writes down: outcome, freedom, and of a condition whether it may hold and may fail, as two bits.
CREATE MACRO outcome(a) AS (a + 1)::INTEGER;
CREATE MACRO freedom(decided, a) AS CASE WHEN decided = 0 THEN 2 ELSE a END::INTEGER;
CREATE MACRO bits(a) AS CASE a WHEN 2 THEN 1 WHEN 1 THEN 3 ELSE 2 END::BIGINT;
-- One of two branches: the least and the most that may be paid.
CREATE MACRO branch_lo(a, x, b, y) AS CASE
    WHEN a = 2 AND b < 2 THEN x WHEN b = 2 AND a < 2 THEN y
    WHEN a > 0 AND b > 0 THEN least(x, y) WHEN a > 0 THEN x WHEN b > 0 THEN y END;
CREATE MACRO branch_hi(a, x, b, y) AS CASE
    WHEN a = 2 AND b < 2 THEN x WHEN b = 2 AND a < 2 THEN y
    WHEN a > 0 AND b > 0 THEN greatest(x, y) WHEN a > 0 THEN x WHEN b > 0 THEN y END;
CREATE MACRO step(n) AS CASE WHEN n = 0 THEN 0 WHEN n < 6 THEN 10 WHEN n < 12 THEN 70 WHEN n < 24 THEN 75
    WHEN n < 36 THEN 85 WHEN n < 48 THEN 90 WHEN n < 60 THEN 95 ELSE 100 END;
CREATE MACRO lost(total, degree, n) AS CASE
    WHEN total IS NULL AND degree > 0 AND step(coalesce(n, 60)) > 0 THEN NULL
    ELSE ((greatest(coalesce(total, 0) - 102000000, 0)::HUGEINT * 60 * least(degree, 1000000) * step(coalesce(n, 60))
        + 23999999999999) // 24000000000000 * 100)::BIGINT END;
CREATE MACRO care_least(n) AS CASE WHEN n < 2 THEN 2491200 WHEN n = 2 THEN 2945325 WHEN n = 3 THEN 3395125 ELSE 3849250 END;
CREATE MACRO care_paid(total, n) AS
    (least(greatest(coalesce(total, 1428000000), care_least(n) * 60), 1428000000) + 5999) // 6000 * 100;
CREATE MACRO family_rate(n) AS up(CASE WHEN n < 5 THEN 6932975 WHEN n = 5 THEN 8667300 WHEN n = 6 THEN 10401625 ELSE 12135950 END);
