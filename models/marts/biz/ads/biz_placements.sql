{{ biz_ads('PLACEMENT', 'Placement', above=['ACCOUNT', 'ADVERTISER', 'CAMPAIGN']) }}
