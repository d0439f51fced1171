import { definePipeline, http } from '../../definition.ts';
import { desc, int, monthOf, text, timestamp, uuid } from '../../fields.ts';

/**
 * randomuser.me -> landing -> random-users.v1 -> stream -> users, users_by_country
 *
 * The API makes up people. It also makes up their passwords, hashes and national ids: fields that are not named here
 * never enter the system.
 */
export const randomUsers = definePipeline({
  name: 'random-users',
  schedule: { every: '1m', records: 100 },

  source: http({
    url: 'https://randomuser.me/api/1.4/',
    query: ({ seed, page, size }) => ({ seed, page, results: size }),
    records: 'results',
    maxPage: 5000,
    quota: { records: 20_000, per: '5m' },
  }),

  record: {
    user_id: uuid('login.uuid').key().pii('quasi'),
    first_name: text('name.first').pii('direct'),
    last_name: text('name.last').pii('direct'),
    gender: text('gender').pii('quasi'),
    nationality: text('nat').pii('quasi'),
    street_number: int('location.street.number').pii('quasi'),
    street_name: text('location.street.name').pii('quasi'),
    city: text('location.city').pii('quasi'),
    state: text('location.state').max(256).pii('quasi'),
    country: text('location.country').max(256).pii('quasi'),
    postcode: text('location.postcode').pii('quasi'), // a number in some countries, text in others
    email: text('email').pii('direct'),
    username: text('login.username').pii('direct'),
    phone: text('phone').pii('direct'),
    picture: text('picture.large').pii('direct'),
    born: timestamp('dob.date').pii('direct'),
    registered: timestamp('registered.date').pii('none'),
  },

  quality: {
    born_before_registered: 'born < registered',
    email_has_at: "email LIKE '%_@_%'",
  },

  tables: {
    users: {
      partition: ['user_id'],
      columns: {
        full_name: text("concat_ws(' ', first_name, last_name)"),
        address: text(
          "concat_ws(', ', concat_ws(' ', cast(street_number AS string), street_name), city, state, country)",
        ),
      },
      write: { grouping: 'none', rows: 25, concurrent: 64 },
    },
    users_by_country: {
      partition: ['country', 'month'],
      cluster: [desc('registered'), 'user_id'],
      records: 'immutable',
      only: ['country', 'registered', 'user_id', 'gender', 'city', 'state', 'email'],
      columns: {
        month: monthOf('registered'),
        full_name: text("concat_ws(' ', first_name, last_name)"),
      },
      write: { grouping: 'partition', rows: 25, concurrent: 128 },
    },
  },

  keep: { landing: '7d', topic: '7d', tables: '365d' },
});
