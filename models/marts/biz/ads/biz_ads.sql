{{ biz_ads('AD', 'Ad', above=['ACCOUNT', 'ADVERTISER', 'CAMPAIGN', 'AD_GROUP']) }}
