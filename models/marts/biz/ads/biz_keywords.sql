{{ biz_ads('KEYWORD', 'Keyword', above=['ACCOUNT', 'CAMPAIGN', 'AD_GROUP']) }}
