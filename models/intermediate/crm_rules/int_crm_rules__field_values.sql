{{ config(materialized={'spark': 'table', 'duckdb': 'one_statement_view'}.get(target.type, 'view')) }}

{{ condition_field_values(ref('int_crm_rules__conditions'), ref('int_crm_rules__campaign_names')) }}
