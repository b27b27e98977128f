-- A store of version 3: what the program of that version made of the first 260 lines of the sample
-- postgresql.log.
PRAGMA application_id = 1902931815;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE meta(
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES('fingerprint_version','1');
CREATE TABLE segments(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,             -- 16 bytes
    head BLOB NOT NULL,                -- hash of the bytes through the first timed line
    engine TEXT NOT NULL,
    format TEXT NOT NULL,
    detail TEXT NOT NULL,              -- how it was read, such as the line prefix
    detail_inferred BIGINT NOT NULL,
    role TEXT NOT NULL,
    bytes BIGINT NOT NULL,             -- read so far, from the beginning
    lines BIGINT NOT NULL,
    tail BLOB NOT NULL,                -- hash of the last bytes before that point
    events BIGINT NOT NULL,            -- records of every kind
    event_bytes BIGINT NOT NULL,
    other_bytes BIGINT NOT NULL,       -- of records that are no executions, and of those that another log had
    first_at BIGINT NOT NULL,          -- of records with a time, dropped days left out; 0: none
    last_at BIGINT NOT NULL,
    clock_resolution BIGINT NOT NULL,  -- us; 0: no time
    zone TEXT NOT NULL,
    zone_offset BIGINT NOT NULL,       -- seconds east of UTC, of the last record
    unknown_zone BIGINT NOT NULL,      -- 1: the zone's name is not known and was read as UTC
    orphans BIGINT NOT NULL,           -- durations whose statement is not in the log
    evicted BIGINT NOT NULL,           -- sessions given up because there were too many at once
    zone_begins BIGINT NOT NULL DEFAULT 0,     -- seconds east of UTC, of the first record: days begin by it
    days_before BIGINT NOT NULL DEFAULT 0,     -- rows of hours before this are rows of days; 0: none
    dropped_before BIGINT NOT NULL DEFAULT 0,  -- rows of hours before this are gone; 0: none
    PRIMARY KEY(source, segment)
) WITHOUT ROWID;
INSERT INTO segments VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',X'6f921a986f603326b2e4db2321e1ca28','postgresql','postgresql-stderr','%m [%p] %q%u@%d/%a %h ',0,'server log',29612,260,X'c52a473676a3899519898cbb7835d5cf',132,19511,10101,1795222235218000,1795222241145000,1000,'UTC',0,0,0,0,0,0,0);
CREATE TABLE skipped(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    reason TEXT NOT NULL,
    lines BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, reason)
) WITHOUT ROWID;
CREATE TABLE fingerprints(
    fingerprint BIGINT PRIMARY KEY,
    engine TEXT NOT NULL,
    verb TEXT NOT NULL,
    text TEXT NOT NULL                 -- normalised: no literals
) WITHOUT ROWID;
INSERT INTO fingerprints VALUES(-8986725329325567508,'postgresql','CREATE','CREATE ROLE report login');
INSERT INTO fingerprints VALUES(-8001487796431699381,'postgresql','CREATE','CREATE INDEX order_lines_product_id_idx ON order_lines(product_id)');
INSERT INTO fingerprints VALUES(-7823737119328162284,'postgresql','CREATE','CREATE TABLE order_lines(order_id bigint NOT NULL REFERENCES orders, line_no integer NOT NULL, product_id bigint NOT NULL REFERENCES products, quantity integer NOT NULL, unit_price numeric(?, ?) NOT NULL, PRIMARY key(order_id, line_no))');
INSERT INTO fingerprints VALUES(-6820570346511474817,'postgresql','CREATE','CREATE DATABASE shop');
INSERT INTO fingerprints VALUES(-5877913318577040737,'postgresql','CREATE','CREATE ROLE shop_web login');
INSERT INTO fingerprints VALUES(-5312582752399579595,'postgresql','INSERT','INSERT INTO products(sku, name, category, price, stock) SELECT ? || lpad(n::text, ?, ?), (ARRAY[?])[? + n % ?] || ? || (ARRAY[?])[? + n % ?] || ? || n, (ARRAY[?])[? + n % ?], (? + random() * ?)::numeric(?, ?), ? + (random() * ?)::integer FROM generate_series(?, ?) AS n');
INSERT INTO fingerprints VALUES(-5164810555674044976,'postgresql','GRANT','GRANT SELECT ON daily_sales TO report');
INSERT INTO fingerprints VALUES(-4843694044454674735,'postgresql','DELETE','DELETE FROM carts WHERE customer_id = ?');
INSERT INTO fingerprints VALUES(-4786646002431861525,'postgresql','INSERT','INSERT INTO order_lines(order_id, line_no, product_id, quantity, unit_price) SELECT ?, ?, id, ?, price FROM products WHERE id = ?');
INSERT INTO fingerprints VALUES(-3661751074861073762,'postgresql','CREATE','CREATE TABLE carts(id bigint generated always AS identity PRIMARY key, customer_id bigint NOT NULL REFERENCES customers, product_id bigint NOT NULL REFERENCES products, quantity integer NOT NULL, updated_at timestamptz NOT NULL DEFAULT now())');
INSERT INTO fingerprints VALUES(-2353295517213972190,'postgresql','SELECT','SELECT c.id, c.full_name, (SELECT count(*) FROM orders AS o WHERE o.customer_id = c.id) AS orders FROM customers AS c WHERE c.city = ? AND c.id <= ? ORDER BY orders DESC LIMIT ?');
INSERT INTO fingerprints VALUES(-1655820676922607072,'postgresql','SELECT','SELECT id, name, price FROM products WHERE name ILIKE ? AND price BETWEEN ? AND ? ORDER BY price LIMIT ?');
INSERT INTO fingerprints VALUES(-1170599366554171894,'postgresql','INSERT','INSERT INTO carts(customer_id, product_id, quantity) VALUES (?, ?, ?)');
INSERT INTO fingerprints VALUES(-1093066929789483154,'postgresql','INSERT','INSERT INTO order_lines(order_id, line_no, product_id, quantity, unit_price) SELECT o, l, ? + (random() * ?)::bigint, ? + (random() * ?)::integer, (? + random() * ?)::numeric(?, ?) FROM generate_series(?, ?) AS o, generate_series(?, ?) AS l');
INSERT INTO fingerprints VALUES(-981401682857342381,'postgresql','INSERT','INSERT INTO orders(customer_id, status, ordered_at) VALUES (?, ?, now()) RETURNING id AS order_id');
INSERT INTO fingerprints VALUES(-715765860011716905,'postgresql','ALTER','ALTER SYSTEM SET log_min_duration_statement = ?');
INSERT INTO fingerprints VALUES(-694862698024085642,'postgresql','SELECT','SELECT id, sku, name, category, price, stock FROM products WHERE id = ?');
INSERT INTO fingerprints VALUES(-525828713899972703,'postgresql','CREATE','CREATE TABLE customers(id bigint generated always AS identity PRIMARY key, email text NOT NULL UNIQUE, full_name text NOT NULL, city text NOT NULL, created_at timestamptz NOT NULL)');
INSERT INTO fingerprints VALUES(-433211473833832245,'postgresql','CREATE','CREATE TABLE products(id bigint generated always AS identity PRIMARY key, sku text NOT NULL UNIQUE, name text NOT NULL, category text NOT NULL, price numeric(?, ?) NOT NULL, stock integer NOT NULL)');
INSERT INTO fingerprints VALUES(-433083376203630795,'postgresql','GRANT','GRANT SELECT ON ALL tables IN schema public TO report');
INSERT INTO fingerprints VALUES(117198222493206333,'postgresql','SELECT','SELECT p.id, p.name, p.price FROM order_lines AS l JOIN products AS p ON p.id = l.product_id WHERE l.order_id IN (SELECT order_id FROM order_lines WHERE product_id = ?) AND p.id <> ? LIMIT ?');
INSERT INTO fingerprints VALUES(745410441708637569,'postgresql','GRANT','GRANT SELECT, INSERT, UPDATE, DELETE ON ALL tables IN schema public TO shop_web, shop_worker');
INSERT INTO fingerprints VALUES(1285767132405053475,'postgresql','GRANT','GRANT SELECT, INSERT, UPDATE ON daily_sales TO shop_worker');
INSERT INTO fingerprints VALUES(2316301060159486033,'postgresql','CREATE','CREATE TABLE orders(id bigint generated always AS identity PRIMARY key, customer_id bigint NOT NULL REFERENCES customers, status text NOT NULL, ordered_at timestamptz NOT NULL)');
INSERT INTO fingerprints VALUES(2455688237156272524,'postgresql','CREATE','CREATE TABLE daily_sales(day date NOT NULL, category text NOT NULL, revenue numeric(?, ?) NOT NULL, PRIMARY key(day, category))');
INSERT INTO fingerprints VALUES(3615021717330655268,'postgresql','UPDATE','UPDATE products SET stock = stock - ? WHERE id = ? AND stock > ?');
INSERT INTO fingerprints VALUES(4579892439171650157,'postgresql','SELECT','SELECT o.id, o.status, c.email FROM orders AS o JOIN customers AS c ON c.id = o.customer_id WHERE o.id = ?');
INSERT INTO fingerprints VALUES(4589973848422466665,'postgresql','CREATE','CREATE DATABASE analytics');
INSERT INTO fingerprints VALUES(4715251798023561618,'postgresql','BEGIN','BEGIN');
INSERT INTO fingerprints VALUES(5090036751105957928,'postgresql','CREATE','CREATE ROLE shop_worker login');
INSERT INTO fingerprints VALUES(5654773102412820240,'postgresql','COMMIT','COMMIT');
INSERT INTO fingerprints VALUES(8618013523643223019,'postgresql','INSERT','INSERT INTO orders(customer_id, status, ordered_at) SELECT ? + (random() * ?)::bigint, (ARRAY[?])[? + n % ?], ? + n * ? FROM generate_series(?, ?) AS n');
INSERT INTO fingerprints VALUES(8917108468930153318,'postgresql','SELECT','SELECT date_trunc(?, o.ordered_at) AS month, p.category, count(DISTINCT o.customer_id) AS buyers, sum(l.quantity * l.unit_price) AS revenue, percentile_cont(?) within GROUP (ORDER BY l.quantity * l.unit_price) AS median_line FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id JOIN products AS p ON p.id = l.product_id WHERE o.ordered_at >= ? AND o.status <> ? GROUP BY ?, ? ORDER BY ?, ?');
CREATE TABLE tables(
    fingerprint BIGINT NOT NULL,
    name TEXT NOT NULL,
    access TEXT NOT NULL,
    PRIMARY KEY(fingerprint, name)
) WITHOUT ROWID;
INSERT INTO tables VALUES(-8001487796431699381,'order_lines','write');
INSERT INTO tables VALUES(-7823737119328162284,'order_lines','write');
INSERT INTO tables VALUES(-5312582752399579595,'products','write');
INSERT INTO tables VALUES(-4843694044454674735,'carts','write');
INSERT INTO tables VALUES(-4786646002431861525,'order_lines','write');
INSERT INTO tables VALUES(-4786646002431861525,'products','read');
INSERT INTO tables VALUES(-3661751074861073762,'carts','write');
INSERT INTO tables VALUES(-2353295517213972190,'customers','read');
INSERT INTO tables VALUES(-2353295517213972190,'orders','read');
INSERT INTO tables VALUES(-1655820676922607072,'products','read');
INSERT INTO tables VALUES(-1170599366554171894,'carts','write');
INSERT INTO tables VALUES(-1093066929789483154,'order_lines','write');
INSERT INTO tables VALUES(-981401682857342381,'orders','write');
INSERT INTO tables VALUES(-694862698024085642,'products','read');
INSERT INTO tables VALUES(-525828713899972703,'customers','write');
INSERT INTO tables VALUES(-433211473833832245,'products','write');
INSERT INTO tables VALUES(117198222493206333,'order_lines','read');
INSERT INTO tables VALUES(117198222493206333,'products','read');
INSERT INTO tables VALUES(745410441708637569,'shop_worker','read');
INSERT INTO tables VALUES(2316301060159486033,'orders','write');
INSERT INTO tables VALUES(2455688237156272524,'daily_sales','write');
INSERT INTO tables VALUES(3615021717330655268,'products','write');
INSERT INTO tables VALUES(4579892439171650157,'customers','read');
INSERT INTO tables VALUES(4579892439171650157,'orders','read');
INSERT INTO tables VALUES(8618013523643223019,'orders','write');
INSERT INTO tables VALUES(8917108468930153318,'order_lines','read');
INSERT INTO tables VALUES(8917108468930153318,'orders','read');
INSERT INTO tables VALUES(8917108468930153318,'products','read');
CREATE TABLE aliases(
    fingerprint BIGINT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY(fingerprint, kind, value)
) WITHOUT ROWID;
CREATE TABLE digest(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    calls BIGINT NOT NULL,             -- as logged
    estimated_calls BIGINT NOT NULL,   -- as executed, where the log is a sample
    errors BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    -- Calls and time over the hour, packed: LEB128 varints, the step in seconds (1, 5, 10, 30 or 60:
    -- the finest that needs at most 60 points; 86400 in a row of a day), then for each step that holds a call its distance
    -- in steps to the one before (of the first: to the hour's start), its calls, its time in us.
    series BLOB NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application)
) WITHOUT ROWID;
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-8986725329325567508,'postgres','postgres','psql',1,1,0,1795222235372000,1795222235372000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-8001487796431699381,'shop','postgres','psql',1,1,0,1795222237830000,1795222237830000,X'01dd170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-7823737119328162284,'shop','postgres','psql',1,1,0,1795222235588000,1795222235588000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-6820570346511474817,'postgres','postgres','psql',1,1,0,1795222235372000,1795222235372000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-5877913318577040737,'postgres','postgres','psql',1,1,0,1795222235371000,1795222235371000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-5312582752399579595,'shop','postgres','psql',0,0,0,0,0,X'');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-5164810555674044976,'analytics','postgres','psql',1,1,0,1795222238169000,1795222238169000,X'01de170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4843694044454674735,'shop','shop_web','web',1,1,0,1795222241070000,1795222241070000,X'01e117012c');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4786646002431861525,'shop','shop_web','web',1,1,0,1795222241069000,1795222241069000,X'01e11701c304');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-3661751074861073762,'shop','postgres','psql',1,1,0,1795222235590000,1795222235590000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-2353295517213972190,'shop','report','reporting',1,1,0,1795222239715000,1795222239715000,X'01df1701a0cb49');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,'shop','shop_web','web',3,3,0,1795222241094000,1795222241136000,X'01e11703b4e603');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'shop','shop_web','web',3,3,0,1795222241028000,1795222241128000,X'01e117038e14');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1093066929789483154,'shop','postgres','psql',1,1,0,1795222237829000,1795222237829000,X'01dd1701eee463');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-981401682857342381,'shop','shop_web','web',1,1,0,1795222241066000,1795222241066000,X'01e11701f709');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-715765860011716905,'postgres','postgres','psql',1,1,0,1795222239958000,1795222239958000,X'01df170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'shop','shop_web','web',3,3,0,1795222241024000,1795222241122000,X'01e11703af01');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-525828713899972703,'shop','postgres','psql',1,1,0,1795222235576000,1795222235576000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-433211473833832245,'shop','postgres','psql',1,1,0,1795222235581000,1795222235581000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-433083376203630795,'shop','postgres','psql',1,1,0,1795222237895000,1795222237895000,X'01dd170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'shop','shop_web','web',3,3,0,1795222241026000,1795222241126000,X'01e11703e506');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,745410441708637569,'shop','postgres','psql',1,1,0,1795222237894000,1795222237894000,X'01dd170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,1285767132405053475,'analytics','postgres','psql',1,1,0,1795222238169000,1795222238169000,X'01de170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,2316301060159486033,'shop','postgres','psql',1,1,0,1795222235584000,1795222235584000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,2455688237156272524,'analytics','postgres','psql',1,1,0,1795222238167000,1795222238167000,X'01de170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,3615021717330655268,'shop','shop_web','web',1,1,0,1795222241069000,1795222241069000,X'01e117019101');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4579892439171650157,'shop','shop_worker','worker',1,1,0,1795222241145000,1795222241145000,X'01e1170135');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4589973848422466665,'postgres','postgres','psql',1,1,0,1795222235437000,1795222235437000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4715251798023561618,'shop','shop_web','web',1,1,0,1795222241064000,1795222241064000,X'01e1170107');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5090036751105957928,'postgres','postgres','psql',1,1,0,1795222235372000,1795222235372000,X'01db170100');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5654773102412820240,'shop','shop_web','web',1,1,0,1795222241070000,1795222241070000,X'01e1170142');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8618013523643223019,'shop','postgres','psql',1,1,0,1795222236194000,1795222236194000,X'01dc1701e19313');
INSERT INTO digest VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8917108468930153318,'shop','report','reporting',1,1,0,1795222238509000,1795222238509000,X'01de1701bde710');
CREATE TABLE measures(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    measure TEXT NOT NULL,
    n BIGINT NOT NULL,
    sum BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    histogram BLOB NOT NULL,           -- log-linear, packed
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application, measure)
) WITHOUT ROWID;
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-5312582752399579595,'shop','postgres','psql','temp_files',1,280000,280000,280000,X'01c20301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4843694044454674735,'shop','shop_web','web','bind_time',1,101,101,101,X'015201');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4843694044454674735,'shop','shop_web','web','prepare_time',1,219,219,219,X'017601');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4843694044454674735,'shop','shop_web','web','query_time',1,44,44,44,X'012c01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4786646002431861525,'shop','shop_web','web','bind_time',1,245,245,245,X'017d01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4786646002431861525,'shop','shop_web','web','prepare_time',1,180,180,180,X'016d01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4786646002431861525,'shop','shop_web','web','query_time',1,579,579,579,X'01a40101');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-2353295517213972190,'shop','report','reporting','query_time',1,1205664,1205664,1205664,X'01840401');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,'shop','shop_web','web','query_time',3,62260,18628,23287,X'01c4020103010601');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'shop','shop_web','web','bind_time',3,178,58,62,X'013a020401');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'shop','shop_web','web','prepare_time',3,928,243,390,X'017c0108010c01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'shop','shop_web','web','query_time',3,2574,580,1282,X'01a4010108011c01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1093066929789483154,'shop','postgres','psql','query_time',1,1634926,1634926,1634926,X'01910401');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1093066929789483154,'shop','postgres','psql','temp_files',1,420000,420000,420000,X'01d30301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-981401682857342381,'shop','shop_web','web','bind_time',1,69,69,69,X'014201');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-981401682857342381,'shop','shop_web','web','prepare_time',1,555,555,555,X'01a20101');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-981401682857342381,'shop','shop_web','web','query_time',1,1271,1271,1271,X'01c70101');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'shop','shop_web','web','bind_time',3,1689,515,642,X'01a0010101010701');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'shop','shop_web','web','prepare_time',3,1683,538,593,X'01a1010101010301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'shop','shop_web','web','query_time',3,175,40,89,X'01280106011e01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'shop','shop_web','web','bind_time',3,5300,1080,2828,X'01c101010a012101');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'shop','shop_web','web','prepare_time',3,758,244,264,X'017d0101010301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'shop','shop_web','web','query_time',3,869,255,349,X'017f0102010a01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,3615021717330655268,'shop','shop_web','web','bind_time',1,88,88,88,X'014c01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,3615021717330655268,'shop','shop_web','web','prepare_time',1,117,117,117,X'015a01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,3615021717330655268,'shop','shop_web','web','query_time',1,145,145,145,X'016401');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4579892439171650157,'shop','shop_worker','worker','bind_time',1,1050,1050,1050,X'01c00101');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4579892439171650157,'shop','shop_worker','worker','prepare_time',1,598,598,598,X'01a50101');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4579892439171650157,'shop','shop_worker','worker','query_time',1,53,53,53,X'013501');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4715251798023561618,'shop','shop_web','web','bind_time',1,14,14,14,X'010e01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4715251798023561618,'shop','shop_web','web','prepare_time',1,102,102,102,X'015301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4715251798023561618,'shop','shop_web','web','query_time',1,7,7,7,X'010701');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5654773102412820240,'shop','shop_web','web','bind_time',1,5,5,5,X'010501');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5654773102412820240,'shop','shop_web','web','prepare_time',1,12,12,12,X'010c01');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5654773102412820240,'shop','shop_web','web','query_time',1,66,66,66,X'014101');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8618013523643223019,'shop','postgres','psql','query_time',1,313825,313825,313825,X'01c60301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8618013523643223019,'shop','postgres','psql','temp_files',1,420000,420000,420000,X'01d30301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8917108468930153318,'shop','report','reporting','query_time',1,275389,275389,275389,X'01c10301');
INSERT INTO measures VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8917108468930153318,'shop','report','reporting','temp_files',1,3457024,3457024,3457024,X'01b40401');
CREATE TABLE marginals(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    calls BIGINT NOT NULL,
    time BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, key, value)
) WITHOUT ROWID;
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-8986725329325567508,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-8001487796431699381,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-7823737119328162284,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-6820570346511474817,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-5877913318577040737,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-5164810555674044976,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4843694044454674735,'host','127.0.0.1',1,44);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4786646002431861525,'host','127.0.0.1',1,579);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-3661751074861073762,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-2353295517213972190,'host','127.0.0.1',1,1205664);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,'host','127.0.0.1',3,62260);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,'tag:action','index',3,62260);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,'tag:application','Shop',3,62260);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,'tag:controller','search',3,62260);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'host','127.0.0.1',3,2574);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'tag:action','add',3,2574);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'tag:controller','carts',3,2574);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,'tag:framework','rails',3,2574);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1093066929789483154,'host','[local]',1,1634926);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-981401682857342381,'host','127.0.0.1',1,1271);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-715765860011716905,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'host','127.0.0.1',3,175);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'tag:action','show',3,175);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'tag:controller','products',3,175);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,'tag:framework','rails',3,175);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-525828713899972703,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-433211473833832245,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-433083376203630795,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'host','127.0.0.1',3,869);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'tag:action','show',3,869);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'tag:controller','products',3,869);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,'tag:framework','rails',3,869);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,745410441708637569,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,1285767132405053475,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,2316301060159486033,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,2455688237156272524,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,3615021717330655268,'host','127.0.0.1',1,145);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4579892439171650157,'host','127.0.0.1',1,53);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4589973848422466665,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4715251798023561618,'host','127.0.0.1',1,7);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5090036751105957928,'host','[local]',1,0);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5654773102412820240,'host','127.0.0.1',1,66);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8618013523643223019,'host','[local]',1,313825);
INSERT INTO marginals VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8917108468930153318,'host','127.0.0.1',1,275389);
CREATE TABLE examples(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    duration BIGINT NOT NULL,
    offset BIGINT NOT NULL,
    line BIGINT NOT NULL,
    at BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    host TEXT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, duration, offset)
) WITHOUT ROWID;
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4843694044454674735,44,21203,203,1795222241070000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-4786646002431861525,579,19784,193,1795222241069000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-2353295517213972190,1205664,9903,127,1795222239715000,'shop','report','reporting','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,18628,28466,250,1795222241136000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,20345,21768,208,1795222241094000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1655820676922607072,23287,25112,229,1795222241117000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,580,24773,227,1795222241115000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,712,17459,178,1795222241028000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1170599366554171894,1282,28126,248,1795222241128000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-1093066929789483154,1634926,5369,73,1795222237829000,'shop','postgres','psql','[local]');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-981401682857342381,1271,18756,187,1795222241066000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,40,25956,238,1795222241122000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,46,22604,217,1795222241108000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,-694862698024085642,89,15284,168,1795222241024000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,255,27098,243,1795222241126000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,265,16429,173,1795222241026000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,117198222493206333,349,23746,222,1795222241111000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,3615021717330655268,145,20559,198,1795222241069000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4579892439171650157,53,29287,259,1795222241145000,'shop','shop_worker','worker','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,4715251798023561618,7,18140,183,1795222241064000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,5654773102412820240,66,21658,207,1795222241070000,'shop','shop_web','web','127.0.0.1');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8618013523643223019,313825,4532,65,1795222236194000,'shop','postgres','psql','[local]');
INSERT INTO examples VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,8917108468930153318,275389,9275,114,1795222238509000,'shop','report','reporting','127.0.0.1');
CREATE TABLE errors(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,       -- 0: the log names no statement
    code TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, code)
) WITHOUT ROWID;
CREATE TABLE server_events(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    kind TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, kind)
) WITHOUT ROWID;
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'bind',16);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'message',23);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'prepare',16);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'server-start',2);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session-end',11);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session-start',19);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'setting',1);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'statement',23);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'statement-start',17);
INSERT INTO server_events VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'temp-file',4);
CREATE TABLE plans(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    plan BIGINT NOT NULL,              -- hash of its shape
    calls BIGINT NOT NULL,             -- executions that were logged with this plan
    time BIGINT NOT NULL,
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    first_at BIGINT NOT NULL,          -- 0: the log has no time
    last_at BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, plan)
) WITHOUT ROWID;
CREATE TABLE plan_shapes(
    plan BIGINT PRIMARY KEY,
    text TEXT NOT NULL                 -- one node a line, without costs, rows and literals
) WITHOUT ROWID;
CREATE TABLE server_facts(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    kind TEXT NOT NULL,                -- 'temp_file', 'lock_acquired', 'checkpoint', 'error' ...
    subject TEXT NOT NULL,             -- of what: a table, a lock, a cause, a message without values
    fingerprint BIGINT NOT NULL,       -- 0: of no statement
    n BIGINT NOT NULL,
    sum BIGINT NOT NULL,               -- us, bytes or a count, as its kind has it
    min BIGINT NOT NULL,
    max BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, kind, subject, fingerprint)
) WITHOUT ROWID;
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_application','psql',0,4,0,0,0,1795222235365000,1795222239956000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_application','reporting',0,1,0,0,0,1795222238232000,1795222238232000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_application','web',0,11,0,0,0,1795222238191000,1795222241068000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_application','worker',0,3,0,0,0,1795222240979000,1795222240994000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_database','analytics',0,1,0,0,0,1795222238163000,1795222238163000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_database','postgres',0,2,0,0,0,1795222235365000,1795222239956000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_database','shop',0,16,0,0,0,1795222235571000,1795222241068000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_host','127.0.0.1',0,15,0,0,0,1795222238190000,1795222241064000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_host','[local]',0,4,0,0,0,1795222235364000,1795222239956000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_user','postgres',0,4,0,0,0,1795222235365000,1795222239956000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_user','report',0,1,0,0,0,1795222238232000,1795222238232000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_user','shop_web',0,11,0,0,0,1795222238191000,1795222241068000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'connection_user','shop_worker',0,3,0,0,0,1795222240979000,1795222240994000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'server','reloaded',0,1,0,0,0,1795222239958000,1795222239958000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'server','started',0,1,0,0,0,1795222235225000,1795222235225000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session','postgres',-5164810555674044976,1,6000,6000,6000,1795222238170000,1795222238170000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session','postgres',-715765860011716905,1,6000,6000,6000,1795222239962000,1795222239962000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session','postgres',-433083376203630795,1,2543000,2543000,2543000,1795222238113000,1795222238113000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session','postgres',4589973848422466665,1,153000,153000,153000,1795222235517000,1795222235517000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session','report',0,1,1484000,1484000,1484000,1795222239715000,1795222239715000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session','shop_web',0,5,3401000,2000,1711000,1795222238198000,1795222241003000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'session','shop_worker',0,1,3000,3000,3000,1795222240980000,1795222240980000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'temp_file','',-5312582752399579595,1,280000,280000,280000,1795222235880000,1795222235880000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'temp_file','',-1093066929789483154,1,420000,420000,420000,1795222237829000,1795222237829000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'temp_file','',8618013523643223019,1,420000,420000,420000,1795222236194000,1795222236194000);
INSERT INTO server_facts VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'temp_file','',8917108468930153318,1,3457024,3457024,3457024,1795222238508000,1795222238508000);
CREATE TABLE bursts(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,             -- in which the bursts began
    hour BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    endpoint TEXT NOT NULL,            -- what the statements' comments say of who asked: 'controller=…, action=…'
    cycle BIGINT NOT NULL,             -- the statements, see `cycles`
    parent BIGINT NOT NULL,            -- fingerprint of the session's statement in front; 0: none
    parameters TEXT NOT NULL,          -- 'distinct', 'same', 'mixed', 'unknown'
    length BIGINT NOT NULL,            -- rounds without a rest; above 64 to a thirty-second
    bursts BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    time BIGINT NOT NULL,              -- us, of the calls
    wall BIGINT NOT NULL,              -- us, from the first call's start to the last one's end
    saving BIGINT NOT NULL,            -- us, if one statement did it
    matched BIGINT NOT NULL,           -- bursts as long as the parent had rows
    contradicted BIGINT NOT NULL,      -- bursts that are not
    shared BIGINT NOT NULL,            -- bursts with another client's statements between
    longest BIGINT NOT NULL,           -- rounds
    first_at BIGINT NOT NULL,          -- of the earliest burst's first statement
    first_offset BIGINT NOT NULL,
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, cycle, parent, parameters, length, database, user, application, endpoint)
) WITHOUT ROWID;
CREATE TABLE cycles(
    cycle BIGINT NOT NULL,
    place BIGINT NOT NULL,             -- from 0
    fingerprint BIGINT NOT NULL,
    PRIMARY KEY(cycle, place)
) WITHOUT ROWID;
CREATE TABLE burst_sessions(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    cycle BIGINT NOT NULL,
    session BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, cycle, session)
) WITHOUT ROWID;
CREATE TABLE session_use(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    statements BIGINT NOT NULL,        -- of every kind
    chatter BIGINT NOT NULL,           -- of these BEGIN, COMMIT, SET, SELECT 1 and such
    time BIGINT NOT NULL,              -- us in use, all sessions together: without rests of over a minute
    transactions BIGINT NOT NULL,      -- that ended
    transaction_time BIGINT NOT NULL,  -- us
    idle_time BIGINT NOT NULL,         -- us of these between statements
    longest_idle BIGINT NOT NULL,      -- us at a time
    longest_transaction BIGINT NOT NULL,
    longest_at BIGINT NOT NULL,        -- when it ended
    longest_line BIGINT NOT NULL,      -- and where; 0: there was none
    PRIMARY KEY(source, segment, hour, database, user, application)
) WITHOUT ROWID;
INSERT INTO session_use VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'analytics','postgres','psql',3,0,2000,0,0,0,0,0,0,0);
INSERT INTO session_use VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'postgres','postgres','psql',6,0,66000,0,0,0,0,0,0,0);
INSERT INTO session_use VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'shop','postgres','psql',10,0,2319000,0,0,0,0,0,0,0);
INSERT INTO session_use VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'shop','report','reporting',2,0,1481389,0,0,0,0,0,0,0);
INSERT INTO session_use VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'shop','shop_web','web',18,2,80599,1,6007,4106,2421,6007,1795222241070000,207);
INSERT INTO session_use VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795219200,'shop','shop_worker','worker',1,0,53,0,0,0,0,0,0,0);
CREATE TABLE retries(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,              -- of the retry
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    code TEXT NOT NULL,                -- of the failure before it
    retries BIGINT NOT NULL,
    failed BIGINT NOT NULL,            -- of these, that failed again
    wait BIGINT NOT NULL,              -- us, from the failures to the retries
    longest BIGINT NOT NULL,           -- retries in a row
    first_at BIGINT NOT NULL,          -- of the earliest retry
    first_line BIGINT NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application, code)
) WITHOUT ROWID;
CREATE TABLE pages(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    hour BIGINT NOT NULL,
    fingerprint BIGINT NOT NULL,
    database TEXT NOT NULL,
    user TEXT NOT NULL,
    application TEXT NOT NULL,
    pages BIGINT NOT NULL,             -- with an OFFSET above 0
    walks BIGINT NOT NULL,             -- from page to page in one session, at least four
    walk_pages BIGINT NOT NULL,
    twins BIGINT NOT NULL,             -- pages with a count next to them
    twin BIGINT NOT NULL,              -- fingerprint of a count; 0: none
    -- Some pages, packed: version 1, then LEB128 varints for each: the distance of its hash to the
    -- one before, rows passed over, rows wanted (0: not known), us, rows examined and one (0: not known).
    sample BLOB NOT NULL,
    PRIMARY KEY(source, segment, hour, fingerprint, database, user, application)
) WITHOUT ROWID;
CREATE TABLE thresholds(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    at BIGINT NOT NULL,
    origin TEXT NOT NULL,              -- 'log' or 'option'
    duration BIGINT NOT NULL,          -- -1: none were
    PRIMARY KEY(source, segment, at, origin)
) WITHOUT ROWID;
INSERT INTO thresholds VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28',1795222239959000,'log',0);
CREATE TABLE limits(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    topic TEXT NOT NULL,               -- 'fields', 'orphans', 'threshold', 'bursts', 'clock', 'days' ...
    cannot_show TEXT NOT NULL,
    because TEXT NOT NULL,
    remedy TEXT NOT NULL,
    PRIMARY KEY(source, segment, topic)
) WITHOUT ROWID;
INSERT INTO limits VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28','bursts','N+1 queries, chatter, what goes on in transactions','most of their statements take less than is logged','log_transaction_sample_rate = 0.01, which logs some transactions whole, or log_min_duration_statement = 0 for a minute');
INSERT INTO limits VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28','threshold','executions that took less','the log leaves them out','log_min_duration_statement = 0 for a while, or log_transaction_sample_rate');
CREATE TABLE names(
    source TEXT NOT NULL,
    dimension TEXT NOT NULL,           -- 'database', 'user', 'application', 'host', 'tag:KEY', 'fact:KIND', 'attribute'
    name TEXT NOT NULL,
    PRIMARY KEY(source, dimension, name)
) WITHOUT ROWID;
INSERT INTO names VALUES('shop','application','psql');
INSERT INTO names VALUES('shop','application','reporting');
INSERT INTO names VALUES('shop','application','web');
INSERT INTO names VALUES('shop','application','worker');
INSERT INTO names VALUES('shop','database','analytics');
INSERT INTO names VALUES('shop','database','postgres');
INSERT INTO names VALUES('shop','database','shop');
INSERT INTO names VALUES('shop','fact:connection_application','psql');
INSERT INTO names VALUES('shop','fact:connection_application','reporting');
INSERT INTO names VALUES('shop','fact:connection_application','web');
INSERT INTO names VALUES('shop','fact:connection_application','worker');
INSERT INTO names VALUES('shop','fact:connection_database','analytics');
INSERT INTO names VALUES('shop','fact:connection_database','postgres');
INSERT INTO names VALUES('shop','fact:connection_database','shop');
INSERT INTO names VALUES('shop','fact:connection_host','127.0.0.1');
INSERT INTO names VALUES('shop','fact:connection_host','[local]');
INSERT INTO names VALUES('shop','fact:connection_user','postgres');
INSERT INTO names VALUES('shop','fact:connection_user','report');
INSERT INTO names VALUES('shop','fact:connection_user','shop_web');
INSERT INTO names VALUES('shop','fact:connection_user','shop_worker');
INSERT INTO names VALUES('shop','fact:server','reloaded');
INSERT INTO names VALUES('shop','fact:server','started');
INSERT INTO names VALUES('shop','fact:session','postgres');
INSERT INTO names VALUES('shop','fact:session','report');
INSERT INTO names VALUES('shop','fact:session','shop_web');
INSERT INTO names VALUES('shop','fact:session','shop_worker');
INSERT INTO names VALUES('shop','host','127.0.0.1');
INSERT INTO names VALUES('shop','host','[local]');
INSERT INTO names VALUES('shop','tag:action','add');
INSERT INTO names VALUES('shop','tag:action','index');
INSERT INTO names VALUES('shop','tag:action','show');
INSERT INTO names VALUES('shop','tag:application','Shop');
INSERT INTO names VALUES('shop','tag:controller','carts');
INSERT INTO names VALUES('shop','tag:controller','products');
INSERT INTO names VALUES('shop','tag:controller','search');
INSERT INTO names VALUES('shop','tag:framework','rails');
INSERT INTO names VALUES('shop','user','postgres');
INSERT INTO names VALUES('shop','user','report');
INSERT INTO names VALUES('shop','user','shop_web');
INSERT INTO names VALUES('shop','user','shop_worker');
CREATE TABLE ledger(
    source TEXT NOT NULL,
    segment BLOB NOT NULL,
    path TEXT NOT NULL,
    latest BIGINT NOT NULL,            -- 0: the path has held another log since
    PRIMARY KEY(source, segment, path)
) WITHOUT ROWID;
INSERT INTO ledger VALUES('shop',X'6f921a986f603326b2e4db2321e1ca28','part.log',1);
CREATE TABLE duplicates(
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    same_as TEXT NOT NULL,             -- the path of the one that was read
    PRIMARY KEY(source, path)
) WITHOUT ROWID;
CREATE TABLE fold_state(
    source TEXT NOT NULL,
    engine TEXT NOT NULL,
    as_of BIGINT NOT NULL,             -- time of the last record
    progress BIGINT NOT NULL,          -- bytes read of all the source's logs
    state BLOB NOT NULL,
    PRIMARY KEY(source, engine)
) WITHOUT ROWID;
INSERT INTO fold_state VALUES('shop','postgresql',1795222241145000,29612,X'00000000000068e2a1e0c3b8c799a2d1018a8cf7b1c0c2cce0ef01c404cac9fcebc6ffd593da018a8cf7b1c0c2cce0ef01c805b8eae1a5be94eadef30190deffb5d2c5f2bc4e4286ddfca688829c9977eda4cbd287fdc2c73f35bd9f83acedf6a9b6058a8cf7b1c0c2cce0ef01820a0f0107a8e1e7ffeb9798030073686f7000f51102e4b1c41c01a6e680fb86d386c96fa894878fb2e4b6f2b20186ddfca688829c997786ddfca688829c99770473686f700b73686f705f776f726b657206776f726b6572093132372e302e302e3100d0c2cfffd7afb0060000000001e6c1cfffd7afb0066a000000000001eda4cbd287fdc2c73fe6c1cfffd7afb006e7e4018302358feea7a50500000009000000000097a8f295c8f8aaf3840197a8f295c8f8aaf384010473686f700873686f705f77656203776562093132372e302e302e3130616374696f6e00696e646578006170706c69636174696f6e0053686f7000636f6e74726f6c6c6572007365617263680080b6ceffd7afb0060000000003eee7c6ffd7afb006e8cc07020100000003a0f49fa2e0fbd582e901eee7c6ffd7afb00688aa01d001f99e01da95d9f4050018000da0f49fa2e0fbd582e901a2a1c9ffd7afb00698c401e501f7b50192fc93dc0c0018000da0f49fa2e0fbd582e901f892ccffd7afb006b2de01fa01c49101f29eacfe0a0018000d0103000303a0f49fa2e0fbd582e901eee7c6ffd7afb00688aa01d001f99e01da95d9f4050018000d000000000000000000000473686f700873686f705f77656203776562093132372e302e302e3130616374696f6e00696e646578006170706c69636174696f6e0053686f7000636f6e74726f6c6c6572007365617263680000b4e603f7b50180b6ceffd7afb00600000303d1c2bac308b2cccdc6069de3a6a50700000000fba6baece7bcaae966bd9f83acedf6a9b6050473686f700873686f705f77656203776562093132372e302e302e312c616374696f6e0061646400636f6e74726f6c6c6572006361727473006672616d65776f726b007261696c730080b9cdffd7afb006e099cdffd7afb00600000001fca4cdffd7afb00684140000000000018a8cf7b1c0c2cce0ef01fca4cdffd7afb006dedb01f801820ad9c981d201000000090000000000bd9f83acedf6a9b605bd9f83acedf6a9b6050473686f700873686f705f77656203776562093132372e302e302e3130616374696f6e0073686f7700636f6e74726f6c6c65720070726f6475637473006672616d65776f726b007261696c7300e099cdffd7afb00680b9cdffd7afb00600000002d0daccffd7afb006ce04000000000002f6aeeba4ecc1d6adf601d0daccffd7afb006e4ca01ee0128a592c4980b00000009bd8e8fa099e597d001e295cdffd7afb006dad301f301ff01ebe5a8c60d0006000d000000000081bdaac489bcb1ce21e2a1e0c3b8c799a2d1010473686f700873686f705f77656203776562093132372e302e302e312c616374696f6e0061646400636f6e74726f6c6c6572006361727473006672616d65776f726b007261696c7300f0edcbffd7afb006b0afcbffd7afb00600000001e8e4cbffd7afb00688090000000000018a8cf7b1c0c2cce0ef01e8e4cbffd7afb006c5c101e301c404fbf1d4850b000000090000000000e2a1e0c3b8c799a2d101e2a1e0c3b8c799a2d1010473686f700873686f705f77656203776562093132372e302e302e3130616374696f6e0073686f7700636f6e74726f6c6c65720070726f6475637473006672616d65776f726b007261696c7300b0afcbffd7afb006f0edcbffd7afb00600000002e4ffcaffd7afb0069606000000000002f6aeeba4ecc1d6adf601e4ffcaffd7afb006ccb001d9012eb7c0b5d00700000009bd8e8fa099e597d001f6a9cbffd7afb006c2b901de01dd02bedbd98a0a0006000d0000000000b8eae1a5be94eadef301b8eae1a5be94eadef3010473686f700873686f705f77656203776562093132372e302e302e3100e0aec6ffd7afb00600009440ea2504b2dcc5ffd7afb006f220000000000004d394c5fae78bd7b0f201b2dcc5ffd7afb006c49201bb01f709cca3fed80100000009ebb985fca4da9ac9bd018a96c6ffd7afb006c89a01c101c304edb981c30400000009a4f0c3a694e3c89532ee9cc6ffd7afb006cfa001c6019101db9ffa8c0e00000009d1bdeabcdfbdefe3bc0188aec6ffd7afb006d3a501cb012c9dcbd2f101000000090000000000f2af9883a9c3faffbd01cac9fcebc6ffd593da010473686f700873686f705f77656203776562093132372e302e302e312c616374696f6e0061646400636f6e74726f6c6c6572006361727473006672616d65776f726b007261696c7300c09ec1ffd7afb006a0ffc0ffd7afb00600000001b093c1ffd7afb006900b0000000000018a8cf7b1c0c2cce0ef01b093c1ffd7afb006b38801b201c805b296829e0d000000090000000000cac9fcebc6ffd593da01cac9fcebc6ffd593da010473686f700873686f705f77656203776562093132372e302e302e3130616374696f6e0073686f7700636f6e74726f6c6c65720070726f6475637473006672616d65776f726b007261696c7300a0ffc0ffd7afb006c09ec1ffd7afb00600000002cedec0ffd7afb006c405000000000002f6aeeba4ecc1d6adf601cedec0ffd7afb006b477a80159e9e091d70f00000009bd8e8fa099e597d0018efbc0ffd7afb006ad8001ad018902f2dcedab0a0006000d0000000000b7e8beb7c4e3b5b29201b7e8beb7c4e3b5b2920108706f73746772657308706f737467726573047073716c075b6c6f63616c5d00e0cfbefed7afb0060000000000e0cfbefed7afb006000000000000000000000000aac498d0a4e1f79e45aac498d0a4e1f79e450473686f70067265706f7274097265706f7274696e67093132372e302e302e3100f0faa0fed7afb00600000000009690ecfcd7afb006bae5b4010000000000000000000000d68aeddfaa97a4af9501d68aeddfaa97a4af950109616e616c797469637308706f737467726573047073716c075b6c6f63616c5d00d09ee4fcd7afb0060000000000b0ffe3fcd7afb006000000000000000000000000f8d8bfc28be183b7d101f8d8bfc28be183b7d1010473686f7008706f737467726573047073716c075b6c6f63616c5d00b0e5c2fcd7afb0060000000000e0d5c2fcd7afb006000000000000000000000000dccd8c85d5abe2a38201dccd8c85d5abe2a3820108706f73746772657308706f737467726573047073716c075b6c6f63616c5d0090df96fad7afb006000000000090df96fad7afb006000000000000000000000000');
CREATE VIEW queries AS
SELECT printf('%016x', d.fingerprint) AS id, f.verb, d.calls,
       round(t.sum / 1000.0, 3) AS total_ms,
       round(t.sum / 1000.0 / t.n, 3) AS mean_ms,
       t.max / 1000.0 AS max_ms,
       d.errors, f.text
  FROM (SELECT fingerprint, sum(calls) AS calls, sum(errors) AS errors
          FROM digest GROUP BY fingerprint) d
  LEFT JOIN (SELECT fingerprint, sum(n) AS n, sum(sum) AS sum, max(max) AS max
               FROM measures WHERE measure = 'query_time' GROUP BY fingerprint) t
    USING (fingerprint)
  LEFT JOIN fingerprints f USING (fingerprint);
CREATE VIEW hourly AS
SELECT d.source, datetime(d.hour, 'unixepoch') AS hour_utc, d.calls,
       round(t.sum / 1000.0, 3) AS total_ms, d.errors
  FROM (SELECT source, hour, sum(calls) AS calls, sum(errors) AS errors
          FROM digest GROUP BY source, hour) d
  LEFT JOIN (SELECT source, hour, sum(sum) AS sum
               FROM measures WHERE measure = 'query_time' GROUP BY source, hour) t
    USING (source, hour);
CREATE VIEW kept_segments AS
SELECT * FROM segments WHERE dropped_before = 0 OR last_at >= dropped_before * 1000000;
CREATE VIEW paths AS
SELECT source, segment, coalesce(min(CASE WHEN latest THEN path END), min(path)) AS path
  FROM ledger GROUP BY source, segment;
CREATE VIEW slowest AS
SELECT e.duration / 1000.0 AS ms, datetime(e.at / 1000000, 'unixepoch') AS at_utc,
       printf('%016x', e.fingerprint) AS id, p.path, e.line,
       e.database, e.user, e.application, e.host
  FROM examples e LEFT JOIN paths p USING (source, segment)
 ORDER BY e.duration DESC;
CREATE VIEW files AS
SELECT l.source, l.path, s.format, s.detail, s.bytes, s.lines, s.events,
       round(1.0 * (s.event_bytes + s.other_bytes) /
             max(s.bytes - coalesce((SELECT sum(k.bytes) FROM skipped k WHERE k.source = s.source
                  AND k.segment = s.segment AND k.reason IN ('NUL bytes', 'line of another program')), 0), 1), 4) AS understood
  FROM ledger l JOIN segments s USING (source, segment);
COMMIT;
