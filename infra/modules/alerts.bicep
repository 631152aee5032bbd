// Each alert reads what the app tells of itself: every five minutes (the line "Tiering health"), and when it records that something has failed.
param location string
param name string
param tags object
param insightsId string
param emails array

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'tiering-${name}-people'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: take('tier-${name}', 12)
    enabled: true
    emailReceivers: [
      for (address, index) in emails: { name: 'email-${index}', emailAddress: address, useCommonAlertSchema: true }
    ]
  }
}

// stays: such an alert is raised until somebody has looked, and told once: it rests for as long as its window sees the same line.
var rules = [
  {
    name: 'operation-failed'
    description: 'An operation or a source deletion has failed, without anybody having wanted that (a cancellation, a veto of its cost): the project is in ERROR or where it was. tiering operation list --status FAILED'
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
    query: 'traces | where message startswith "Operation ended FAILED" or message startswith "Source deletion ended FAILED" | where not(message endswith " cancelled" or message endswith " not-worth-cooling")'
    threshold: 0
    stays: true
  }
  {
    name: 'outbox-parked'
    description: 'Results could not be delivered and are parked. tiering outbox list --status PARKED'
    severity: 1
    frequency: 'PT5M'
    window: 'PT15M'
    query: 'traces | where message startswith "Tiering health" | where toint(extract(@"parked=(\\d+)", 1, message)) > 0'
    threshold: 0
    stays: false
  }
  {
    name: 'no-night'
    description: 'Cooling by night is switched on, and no night has begun for 26 hours. tiering nights'
    severity: 2
    frequency: 'PT15M'
    window: 'PT30M'
    query: 'traces | where message startswith "Tiering health" | where toint(extract(@"late=(\\d+)", 1, message)) > 0'
    threshold: 0
    stays: false
  }
  {
    name: 'stuck-instance'
    description: 'An operation runs without any progress for longer than agents may hang. tiering operation list --status RUNNING'
    severity: 2
    frequency: 'PT5M'
    window: 'PT15M'
    query: 'traces | where message startswith "Tiering health" | where toint(extract(@"stuck=(\\d+)", 1, message)) > 0'
    threshold: 0
    stays: false
  }
]

resource alert 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for rule in rules: {
    name: 'tiering-${name}-${rule.name}'
    location: location
    tags: tags
    properties: {
      displayName: 'Tiering ${name}: ${rule.name}'
      description: rule.description
      enabled: true
      severity: rule.severity
      scopes: [insightsId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: !rule.stays
      muteActionsDuration: rule.stays ? rule.window : null
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

// Silence is an alarm, too: an app that does not run tells nothing.
resource silence 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = {
  name: 'tiering-${name}-silent'
  location: location
  tags: tags
  properties: {
    displayName: 'Tiering ${name}: silent'
    description: 'The app has told nothing of itself for half an hour: it does not run, or cannot send.'
    enabled: true
    severity: 1
    scopes: [insightsId]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: 'traces | where message startswith "Tiering health"'
          timeAggregation: 'Count'
          operator: 'LessThan'
          threshold: 1
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [people.id] }
  }
}
