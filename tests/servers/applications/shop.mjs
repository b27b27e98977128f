// shop.mjs - the data that all programs work on, the same on each server.
export const CUSTOMERS = 400, ORDERS = 400, EVENTS = 60000

const tables = ({serial, series}) => [
  'CREATE TABLE customers (id integer PRIMARY KEY, name varchar(40) NOT NULL)',
  'CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL, day integer NOT NULL)',
  `CREATE TABLE order_lines (id ${serial} PRIMARY KEY, order_id integer NOT NULL, product varchar(40) NOT NULL)`,
  'CREATE TABLE products (id integer PRIMARY KEY, sku varchar(40) NOT NULL UNIQUE)',
  `CREATE TABLE events (id ${serial} PRIMARY KEY, kind varchar(40) NOT NULL, body varchar(200) NOT NULL)`,
  'CREATE INDEX orders_by_day ON orders (day)',
  'CREATE INDEX order_lines_by_order ON order_lines (order_id)',
  `INSERT INTO customers SELECT n, concat('customer ', n) FROM ${series(CUSTOMERS)}`,
  // 20 orders a day, each of another customer.
  `INSERT INTO orders SELECT n, n, floor((n - 1) / 20) FROM ${series(ORDERS)}`,
  `INSERT INTO order_lines (order_id, product) SELECT floor((n - 1) / 3) + 1, concat('product ', n) FROM ${series(ORDERS * 3)}`,
  `INSERT INTO products SELECT n, concat('sku-', n) FROM ${series(100)}`,
  `INSERT INTO events (kind, body) SELECT 'seen', concat('body of event ', n) FROM ${series(EVENTS)}`,
  'ANALYZE' + (serial === 'serial' ? '' : ' TABLE customers, orders, order_lines, products, events')
]

export const statements = {
  postgres: tables({serial: 'serial', series: n => `generate_series(1, ${n}) AS s(n)`}),
  mysql: tables({serial: 'integer AUTO_INCREMENT', series: n => `(SELECT seq AS n FROM seq_1_to_${n}) AS s`})
}
