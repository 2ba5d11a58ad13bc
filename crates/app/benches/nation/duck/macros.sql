-- Three-valued truth in two bits: 1 it may be true, 2 it may be false. A day or number in doubt has two ends.
CREATE MACRO t_is(a) AS CASE WHEN a THEN 1::UTINYINT ELSE 2::UTINYINT END;
CREATE MACRO t_may(a, b) AS (CASE WHEN a THEN 1 ELSE 0 END + CASE WHEN b THEN 2 ELSE 0 END)::UTINYINT;
CREATE MACRO t_and(a, b) AS ((a & b & 1::UTINYINT) | ((a | b) & 2::UTINYINT));
CREATE MACRO t_or(a, b) AS (((a | b) & 1::UTINYINT) | (a & b & 2::UTINYINT));
CREATE MACRO t_not(a) AS CASE a WHEN 1 THEN 2::UTINYINT WHEN 2 THEN 1::UTINYINT ELSE a END;
CREATE MACRO t_any(a) AS ((bit_or(a) & 1::UTINYINT) | (bit_and(a) & 2::UTINYINT));
CREATE MACRO t_all(a) AS ((bit_and(a) & 1::UTINYINT) | (bit_or(a) & 2::UTINYINT));
CREATE MACRO t_less(a_lo, a_hi, b_lo, b_hi) AS t_may(a_lo < b_hi, a_hi >= b_lo);
CREATE MACRO after_day(lo, hi, cut) AS t_may(hi > cut, lo <= cut);
CREATE MACRO month_of(d) AS CASE WHEN d = DATE '-infinity' THEN -2147483648 WHEN d = DATE 'infinity' THEN 2147483647
    ELSE (year(d) * 12 + month(d) - 1)::INTEGER END;
CREATE MACRO back(m, n) AS CASE WHEN m IN (-2147483648, 2147483647) THEN m ELSE m - n END;
CREATE MACRO later(d, n) AS CASE WHEN isfinite(d) THEN (d + to_months(n))::DATE ELSE d END;
CREATE MACRO up(tiyn) AS (tiyn // 100 + CASE WHEN tiyn % 100 > 0 THEN 1 ELSE 0 END) * 100;
-- What a verdict writes down: outcome, freedom.
CREATE MACRO outcome(a) AS CASE a WHEN 2 THEN 1 WHEN 3 THEN 2 ELSE 3 END::INTEGER;
CREATE MACRO freedom(decided, a) AS CASE WHEN decided = 2 OR a = 1 THEN 2 WHEN a = 2 THEN 0 ELSE 1 END::INTEGER;
-- One of two branches: the least and the most that may be paid.
CREATE MACRO branch_lo(a, x, b, y) AS CASE
    WHEN a = 1 AND b <> 1 THEN x WHEN b = 1 AND a <> 1 THEN y
    WHEN a & 1 = 1 AND b & 1 = 1 THEN least(x, y) WHEN a & 1 = 1 THEN x WHEN b & 1 = 1 THEN y END;
CREATE MACRO branch_hi(a, x, b, y) AS CASE
    WHEN a = 1 AND b <> 1 THEN x WHEN b = 1 AND a <> 1 THEN y
    WHEN a & 1 = 1 AND b & 1 = 1 THEN greatest(x, y) WHEN a & 1 = 1 THEN x WHEN b & 1 = 1 THEN y END;
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
