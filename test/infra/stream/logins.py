"""What Spark's JVM makes of the jars, the profile and the settings of AWS, as JSON; nothing is connected to."""

import json
import sys

from audit import Audit, kafka_options
from main import session
from tables import most_concurrent


def answers(spark):
    jvm = spark._jvm
    connector = jvm.com.datastax.spark.connector.cql
    driver = jvm.com.datastax.oss.driver
    conf = spark.sparkContext._jsc.sc().getConf()
    contact = connector.CassandraConnectorConf.fromSparkConf(conf).contactInfo()
    profile = connector.DefaultConnectionFactory.maybeGetLocalFile(contact.path())
    loader = driver.api.core.config.DriverConfigLoader.fromUrl(profile)
    arguments = driver.api.core.session.ProgrammaticArguments.builder().build()
    context = driver.internal.core.context.DefaultDriverContext(loader, arguments)
    # Makes the login of IAM and its callback handler, which would sign when a broker asks.
    audit = Audit(spark, 1)
    audit.close()
    return {
        'kafka': kafka_options(spark),
        'auth': signed(jvm, context.getAuthProvider().get()),
        'authClass': name_of(context.getAuthProvider().get()),
        # Reads the truststore.
        'tls': name_of(context.getSslEngineFactory().get()),
        'retry': name_of(context.getRetryPolicies().get('default')),
        'balancing': name_of(context.getLoadBalancingPolicies().get('default')),
        'settings': settings(driver, context.getConfig().getDefaultProfile()),
        'drivers': drivers(jvm),
        'concurrent': [most_concurrent(spark, {'write': {'concurrent': own}}) for own in (3, 64)],
    }


def signed(jvm, provider):
    authenticator = provider.newAuthenticator(None, 'SigV4')
    nonce = jvm.java.nio.ByteBuffer.wrap(bytearray(b'nonce=91703fdc2ef562e19fbdab0f58e42fe5'))
    return [text(jvm, stage) for stage in (authenticator.initialResponse(), authenticator.evaluateChallenge(nonce))]


def text(jvm, stage):
    return jvm.java.nio.charset.StandardCharsets.UTF_8.decode(stage.toCompletableFuture().get()).toString()


def settings(driver, profile):
    option = driver.api.core.config.DefaultDriverOption
    return {
        'contactPoints': list(profile.getStringList(option.CONTACT_POINTS)),
        'datacenter': profile.getString(option.LOAD_BALANCING_LOCAL_DATACENTER),
        'consistency': profile.getString(option.REQUEST_CONSISTENCY),
        'idempotent': profile.getBoolean(option.REQUEST_DEFAULT_IDEMPOTENCE),
        'heartbeatMs': profile.getDuration(option.HEARTBEAT_TIMEOUT).toMillis(),
        'connections': profile.getInt(option.CONNECTION_POOL_LOCAL_SIZE),
        'prepareOnAllNodes': profile.getBoolean(option.PREPARE_ON_ALL_NODES),
        'reconnectOnInit': profile.getBoolean(option.RECONNECT_ON_INIT),
        'truststore': profile.getString(option.SSL_TRUSTSTORE_PATH),
        'hostnames': profile.getBoolean(option.SSL_HOSTNAME_VALIDATION),
    }


def drivers(jvm):
    """Where the class of a session comes from; two places would be two drivers."""
    found = jvm.Thread.currentThread().getContextClassLoader()
    places = found.getResources('com/datastax/oss/driver/api/core/CqlSession.class')
    names = []
    while places.hasMoreElements():
        names.append(places.nextElement().toString().split('!')[0].rsplit('/', 1)[1])
    return names


def name_of(instance):
    return instance.getClass().getName()


if __name__ == '__main__':
    sys.stdout.write(json.dumps(answers(session())))
