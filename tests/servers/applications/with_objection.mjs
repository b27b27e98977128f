// with_objection.mjs - the same programs written with Objection, whose query builder sends values apart
// from the text: PostgreSQL logs them in DETAIL lines.
import knex from 'knex'
import {Model} from 'objection'

const define = db => {
  class Base extends Model {}
  Base.knex(db)
  class Customer extends Base {
    static tableName = 'customers'
  }
  class Line extends Base {
    static tableName = 'order_lines'
  }
  class Product extends Base {
    static tableName = 'products'
  }
  class Event extends Base {
    static tableName = 'events'
  }
  class Order extends Base {
    static tableName = 'orders'
    static relationMappings = {
      customer: {relation: Model.BelongsToOneRelation, modelClass: Customer, join: {from: 'orders.customer_id', to: 'customers.id'}},
      lines: {relation: Model.HasManyRelation, modelClass: Line, join: {from: 'orders.id', to: 'order_lines.order_id'}}
    }
  }
  return {Customer, Order, Line, Product, Event}
}

export const open = ({dialect, address, sessions = 1}) => {
  const db = knex({
    client: dialect === 'mysql' ? 'mysql2' : 'pg', pool: {min: sessions, max: sessions},
    connection: {
      host: address.host, port: address.port, user: address.user, database: address.database,
      ...(dialect === 'mysql' ? {socketPath: address.socketPath} : {application_name: address.application})
    }
  })
  const {Order, Product, Event} = define(db)
  return {
    close: () => db.destroy(),
    alone: work => db.transaction(transaction => work({transaction})),
    async lazy(n, {transaction} = {}) {
      for (const order of await Order.query(transaction).orderBy('id').limit(n)) {
        await order.$relatedQuery('customer', transaction)
      }
    },
    async lazyOfDay(day) {
      for (const order of await Order.query().where({day})) await order.$relatedQuery('customer')
    },
    async lazyAtOnce(n) {
      await Promise.all((await Order.query().orderBy('id').limit(n)).map(order => order.$relatedQuery('customer')))
    },
    async lazyTwice(n) {
      for (const order of await Order.query().orderBy('id').limit(n)) {
        await order.$relatedQuery('customer')
        await order.$relatedQuery('lines')
      }
    },
    joined: n => Order.query().withGraphJoined('customer').orderBy('orders.id').limit(n),
    listed: n => Order.query().withGraphFetched('lines').orderBy('id').limit(n),
    byOffset: (page, size) => Event.query().orderBy('id').limit(size).offset(page * size),
    async byKey(last, size) {
      return (await Event.query().where('id', '>', last).orderBy('id').limit(size)).at(-1).id
    },
    product: sku => Product.query().findOne({sku}),
    write: (n, {transaction} = {}) => Event.query(transaction).insert({kind: 'import', body: `row ${n}`}),
    // Objection itself inserts several rows at once for PostgreSQL only; its query builder does for all.
    writeAll: rows => db.batchInsert('events', rows.map(n => ({kind: 'import', body: `row ${n}`})), 100)
  }
}
