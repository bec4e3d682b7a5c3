"""The Spark target: the same models on Spark, between DuckDB's landing before and DuckDB's file for analysts after.

session.start(settings)     the one Spark session of this process, with Java and pyspark looked for first
raw.export, raw.offer       the landed tables as Parquet, registered in Spark under the names of dbt's sources
tables.save, restore        the tables that incremental builds start from
marts.write_*               the built marts as Parquet, and the DuckDB file that is made of it
"""
