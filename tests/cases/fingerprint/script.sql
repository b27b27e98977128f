-- a script; statements span lines
SELECT a
  FROM b
 WHERE c = 'x;y';
INSERT INTO t VALUES (1, 'it''s'),
                     (2, 'two'); DELETE FROM t
WHERE id = 3;
/* the last has no end */ SELECT now()
