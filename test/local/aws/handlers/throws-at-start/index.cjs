throw new TypeError('bad at start');
