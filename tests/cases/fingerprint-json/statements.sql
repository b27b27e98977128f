SELECT o.id, c.name FROM shop.orders AS o JOIN "Customers" AS c ON c.id = o.customer_id WHERE o.id IN (1, 2, 3) /*controller='orders',action='index',route='%2Forders%3Fpage%3D2'*/
WITH recent AS (SELECT id FROM orders WHERE created_at > now() - interval '1 day') INSERT INTO archive SELECT * FROM recent
/* job:Nightly, application:Shop */ UPDATE stock SET n = n - 1 WHERE product = 4711
CREATE USER app WITH PASSWORD 'hunter2'
SELECT '"quoted" \ back' AS "a""b\c"
