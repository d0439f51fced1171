"""What flows, as the TypeScript definitions wrote it down: manifest.json, and beside it the schemas of the writers."""

import json
import re
from typing import Any, Dict, List, Optional, Tuple, TypedDict

from pyspark.sql import SparkSession


class Field(TypedDict):
    """One field of a record."""

    name: str
    type: str
    key: bool
    landed: str


class Rule(TypedDict):
    """Spark SQL that is true when the record must die, and why."""

    reason: str
    field: Optional[str]
    broken: str


class Column(TypedDict):
    """One column of a table and the Spark SQL of its value."""

    name: str
    type: str
    sql: str


class Write(TypedDict):
    """How rows are grouped on their way to Cassandra."""

    grouping: str
    rows: int
    concurrent: int


class Table(TypedDict):
    """One table of a pipeline."""

    name: str
    columns: List[Column]
    ttlSeconds: int
    write: Write


class Pipeline(TypedDict):
    """One definition; streaming/manifest.ts says what each part means."""

    name: str
    topic: str
    auditTopic: str
    partitions: int
    reader: Dict[str, Any]
    fields: List[Field]
    rules: List[Rule]
    tables: List[Table]
    fence: str
    maxOffsetsPerTrigger: int
    versionSlackMicros: int


class Manifest(TypedDict):
    """All definitions."""

    keyspace: str
    pipelines: List[Pipeline]


def folder_of(path: str) -> str:
    """The folder of the artifacts, given itself or its manifest.json."""
    return re.sub(r'/manifest\.json$', '', path.rstrip('/'))


def read_manifest(spark: SparkSession, folder: str) -> Manifest:
    """All definitions."""
    system, file = _located(spark, f'{folder}/manifest.json')
    return json.loads(_text(spark, system.open(file)))


def read_schemas(spark: SparkSession, folder: str, pipeline: Pipeline) -> Dict[str, str]:
    """The pipeline's writers' schemas by their id in the registry, of all that lie there as schemas/<id>.avsc."""
    system, pattern = _located(spark, f'{folder}/schemas/*.avsc')
    files = [status.getPath() for status in system.globStatus(pattern) or []]
    schemas = {file.getName()[: -len('.avsc')]: _text(spark, system.open(file)) for file in files}
    return own_schemas(schemas, pipeline)


def _located(spark: SparkSession, path: str) -> Tuple[Any, Any]:
    """A path and what reads it, which may be an object store; on the driver, whose disk no executor needs to see."""
    context: Any = spark.sparkContext._jsc
    jvm: Any = spark._jvm
    located = jvm.org.apache.hadoop.fs.Path(path)
    return located.getFileSystem(context.hadoopConfiguration()), located


def _text(spark: SparkSession, stream: Any) -> str:
    jvm: Any = spark._jvm
    try:
        return jvm.org.apache.commons.io.IOUtils.toString(stream, 'UTF-8')
    finally:
        stream.close()


def own_schemas(schemas: Dict[str, str], pipeline: Pipeline) -> Dict[str, str]:
    """Those that bear the name of the pipeline's record: Avro would read another's too, where the fields agree."""
    name = _full_name(pipeline['reader'])
    return {schema_id: text for schema_id, text in schemas.items() if _full_name(json.loads(text)) == name}


def _full_name(schema: Dict[str, Any]) -> str:
    return f'{schema.get("namespace", "")}.{schema["name"]}'


def hosted_pipelines(manifest: Manifest, offsets: Dict[str, Any]) -> List[Pipeline]:
    """The pipelines that the starting offsets name; the others are not this job's."""
    known = {pipeline['name']: pipeline for pipeline in manifest['pipelines']}
    unknown = sorted(set(offsets) - set(known))
    if unknown:
        raise ValueError(
            f'--offsets: expected pipelines of the manifest ({", ".join(known)}), got {", ".join(unknown)}; '
            'start the job with the manifest that names them'
        )
    return [known[name] for name in offsets]
