{{ config(materialized='table' if target.type == 'spark' else 'view') }}

{{ condition_field_values(ref('int_crm_rules__conditions'), ref('int_crm_rules__campaign_names')) }}
