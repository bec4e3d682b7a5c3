{# R10: conditions in seeds. Macros of text are also rendered outside dbt, to check values before a run. #}

{# A date with the month first (`12/31/2016`) in the form in which times are read; every other text as it is. #}
{% macro iso_date(x) -%}
case when translate({{ x }}, '0123456789', '') = '//'
    then split_part({{ x }}, '/', 3) || '-' || right('0' || split_part({{ x }}, '/', 1), 2) || '-' || right('0' || split_part({{ x }}, '/', 2), 2)
    else {{ x }} end
{%- endmacro %}

{# R10.3: what a condition's value is compared as, besides text: a number, else a day, else a time. #}
{% macro condition_number(x) -%} {{ call_attribution.parse_number(x) }} {%- endmacro %}

{% macro condition_day(x) -%}
case when {{ call_attribution.parse_number(x) }} is null and position(':' in {{ x }}) = 0
    then {{ call_attribution.parse_date(call_attribution.iso_date(x)) }} end
{%- endmacro %}

{% macro condition_time(x) -%}
case when position(':' in {{ x }}) > 0 then {{ call_attribution.parse_timestamp(x) }} end
{%- endmacro %}

{# R10.3: compares a field with a condition's number, day or time (`comparisons`); not true if the field cannot be read as
   such. #}
{% macro compared(operator) -%}
case
    when number_value is not null then field_number {{ operator }} number_value
    when day_value is not null then field_day {{ operator }} day_value
    when time_value is not null then field_time {{ operator }} time_value
end
{%- endmacro %}

{# A field's name as it is compared: the letters and digits of any script, lower case, a leading underscore kept. #}
{% macro compared_name(x) -%}
{%- set signs = call_attribution.escaped_literal(' !"#$%&()*+,-./:;<=>?@[]^_`{|}~\'\\\t\u00a0') -%}
case when substr({{ x }}, 1, 1) = '_' then '_' else '' end || translate(lower({{ x }}), {{ signs }}, '')
{%- endmacro %}

{# R12.1: the object of a name such as `Task`, `CrmTask` or `Task.Subject`; null if it is none of the four. #}
{% macro object_of(x) -%}
case ({{ call_attribution.compared_name("split_part(" ~ x ~ ", '.', 1)") }})
    when 'campaign' then 'Campaign'
    when 'campaignmember' then 'CampaignMember'
    when 'task' then 'Task'
    when 'crmtask' then 'Task'
    when 'event' then 'Event'
    when 'crmevent' then 'Event'
end
{%- endmacro %}

{# The field of a name such as `Task.Subject`, as it is compared. #}
{% macro field_of(x) -%}
{{ call_attribution.compared_name("substr(" ~ x ~ ", position('.' in " ~ x ~ ") + 1)") }}
{%- endmacro %}

{# R12.6: what a parameter names in the campaign name of an object's rule: `Subject` and `Task.Subject` are the same. #}
{% macro parameter_name(x, object) -%}
case when {{ call_attribution.object_of(x) }} = {{ object }} and position('.' in {{ x }}) > 0
    then {{ call_attribution.field_of(x) }} else {{ call_attribution.compared_name(x) }} end
{%- endmacro %}

{# R10.2: a query of the values of every field that rules name, one row per live record and field. Rules become part of the SQL
   only as the names of columns that the source has, quoted. #}
{% macro condition_field_values(conditions, campaign_names) -%}
    {%- set sources = {} -%}
    {%- for object in ['Campaign', 'CampaignMember', 'Task', 'Event'] -%}
        {%- do sources.update({object: source('salesforce', object)}) -%}
    {%- endfor -%}
    {%- set fields = [] -%}
    {#- Lint renders models without a build. #}
    {%- if execute and load_relation(conditions) is not none -%}
        {%- set query -%}
select object, field from {{ conditions }}
union
select date_object, date_field from {{ conditions }}
union
select record_object, field from {{ campaign_names }}
order by 1, 2
        {%- endset -%}
        {%- for object, field in run_query(query).rows if field -%}
            {%- do fields.append({'object': object, 'name': field, 'source': sources[object]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for field in fields %}
select
    '{{ field.object }}' as object,
    _row_key as record_id,
    '{{ field.name }}' as field,
    {{ call_attribution.raw_column(field.source, field.name, 'A rule in seed campaign_rules or activity_rules') }} as value
from {{ field.source }}
where not _is_deleted
union all
    {%- endfor %}
select
    cast(null as string) as object,
    cast(null as string) as record_id,
    cast(null as string) as field,
    cast(null as string) as value
where false
{%- endmacro %}
