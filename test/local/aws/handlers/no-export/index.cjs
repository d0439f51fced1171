exports.handle = async () => 'the wrong name';
