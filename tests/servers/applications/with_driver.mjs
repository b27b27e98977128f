// with_driver.mjs - the same programs written with the drivers alone, each statement prepared by the
// server under a name and executed many times: the extended protocol of PostgreSQL, the binary one of
// MariaDB.
import mysql from 'mysql2/promise'
import pg from 'pg'

const postgres = ({address, sessions}) => {
  const {host, port, user, database, application} = address
  const pool = new pg.Pool({host, port, user, database, application_name: application, min: sessions, max: sessions})
  const names = new Map()
  const named = text => {
    if (!names.has(text)) names.set(text, `statement ${names.size + 1}`)
    return {name: names.get(text), text: text.replace(/\?/g, (n => () => `$${++n}`)(0))}
  }
  return {
    close: () => pool.end(),
    run: async (text, ...values) => (await pool.query({...named(text), values})).rows
  }
}

const maria = ({address, sessions}) => {
  const {socketPath, user, database} = address
  const pool = mysql.createPool({socketPath, user, database, connectionLimit: sessions})
  return {close: () => pool.end(), run: async (text, ...values) => (await pool.execute(text, values))[0]}
}

export const open = ({dialect, address, sessions = 1}) => {
  const {run, close} = dialect === 'mysql' ? maria({address, sessions}) : postgres({address, sessions})
  const customer = order => run('SELECT id, name FROM customers WHERE id = ?', order.customer_id)
  const lines = order => run('SELECT id, product FROM order_lines WHERE order_id = ?', order.id)
  // MariaDB's drivers send a number that is to be an integer as text.
  const orders = n => run('SELECT id, customer_id, day FROM orders ORDER BY id LIMIT ?', String(n))
  return {
    close,
    async lazy(n) {
      for (const order of await orders(n)) await customer(order)
    },
    async lazyOfDay(day) {
      for (const order of await run('SELECT id, customer_id FROM orders WHERE day = ?', day)) await customer(order)
    },
    async lazyAtOnce(n) {
      await Promise.all((await orders(n)).map(customer))
    },
    async lazyTwice(n) {
      for (const order of await orders(n)) {
        await customer(order)
        await lines(order)
      }
    },
    joined: n => run('SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer_id ORDER BY o.id LIMIT ?', String(n)),
    async listed(n) {
      const ids = (await orders(n)).map(order => order.id)
      return run(`SELECT id, product FROM order_lines WHERE order_id IN (${ids.map(() => '?')})`, ...ids)
    },
    byOffset: (page, size) =>
      run('SELECT id, kind, body FROM events ORDER BY id LIMIT ? OFFSET ?', String(size), String(page * size)),
    async byKey(last, size) {
      return (await run('SELECT id, kind, body FROM events WHERE id > ? ORDER BY id LIMIT ?', last, String(size))).at(-1).id
    },
    product: async sku => (await run('SELECT id, sku FROM products WHERE sku = ?', sku))[0],
    write: n => run('INSERT INTO events (kind, body) VALUES (?, ?)', 'import', `row ${n}`),
    writeAll: rows =>
      run(`INSERT INTO events (kind, body) VALUES ${rows.map(() => '(?, ?)')}`, ...rows.flatMap(n => ['import', `row ${n}`]))
  }
}
