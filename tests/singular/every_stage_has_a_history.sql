{{ config(
    severity='warn',
    meta={
        'dagster': {'ref': {'name': 'int_opportunities__stages'}},
        'warning': 'Stages of seeds/stages.csv get no position, because nothing has landed that tracks their field (R7.4). '
            'Lead.Status needs rows of salesforce/LeadHistory with Field = Status, Opportunity.StageName needs rows of '
            'salesforce/OpportunityHistory.'
    }
) }}

-- R7.4: only a warning, because the other positions are not affected.
select * from {{ ref('int_opportunities__stages') }} where not is_tracked
