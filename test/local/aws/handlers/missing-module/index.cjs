require('./nowhere-to-be-found.cjs');
